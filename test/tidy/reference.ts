// Law 7: the tables of REFERENCE.md, generated from the code that they describe.
import type { Command } from 'commander';
import { makeProgram } from '../../client/cli/program.js';
import { exitOf, exits } from '../../client/terminal/exit.js';
import { eventOfMethod, eventRow, eventTypes, isProposing } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { isMethod, methodRow, methods } from '../../schemas/method.js';
import { jsonSchemas } from '../../schemas/openrpc.js';
import { type RefusalName, refusals } from '../../schemas/refusal.js';

type Row = readonly string[];

/** The limits that callers meet; the others bound the inside of broker and client. */
const toldLimits: { readonly [Name in keyof typeof limits]?: string } = {
  frame_bytes: 'one frame, and the body of one POST',
  frame_calls: 'calls in one frame',
  post_calls: 'calls in one POST',
  depth_levels: 'nesting of a value',
  event_bytes: 'one event in the log',
  text_bytes: 'the text of an ask, message or job, in UTF-8',
  description_bytes: 'what a peer says it is working on',
  name_chars: 'names of peers, circles and kinds',
  label_chars: 'titles, phases, models and other short texts',
  attachments_items: 'attachments of one ask, message or job',
  attachment_text_bytes: 'an attachment that is sent as text',
  options_items: 'options of one question',
  fan_out_items: 'recipients of one ask to many',
  list_items: 'rows of one page of a list',
  filter_items: 'entries of each list in a filter',
  circles_items: 'circles of one token',
  asks_open_rows: 'open asks of one peer',
  inbox_items: 'items in the inbox of one peer',
  hops: 'a chain of causes',
  reply_hops: 'a chain of replies',
  commands_per_s: 'commands of one author, sustained',
  burst_commands: 'commands of one author, at once',
  wait_s: 'one wait for a reply or for the inbox',
  claim_s: 'how long read items may be held back from other readers',
  connections: 'sockets of one broker',
  socket_subscriptions: 'subscriptions to the log on one socket',
  socket_waits: 'waits on one socket',
  command_memory_ids: 'command ids that are remembered without reading the log',
  clock_ahead_ms: 'how far the time in a command id may be ahead',
  boot_lost_ms: 'silence after which a broker counts as lost',
  peer_gone_ms: 'absence after which a peer is retired',
  description_ttl_s: 'how long a description stands, by default',
  description_ttl_max_s: 'how long a description may stand',
  job_lease_s: 'the lease of a job, by default',
  job_lease_max_s: 'the lease of a job, at most',
  job_attempts_items: 'attempts of a job, by default',
  job_attempts_max_items: 'attempts of a job, at most',
  job_note_chars: 'a note, error or reason of a job, in bytes of UTF-8',
  job_result_bytes: 'the result of a job',
  jobs_open_rows: 'open jobs made by one peer',
  schedules_rows: 'active and paused schedules of one peer',
  schedule_late_ms: 'lateness that still counts as on time',
  schedule_catch_up_items: 'missed times that catch_up all fires',
  cron_chars: 'a cron rule',
  reviews_rows: 'pull requests that are remembered',
  mcp_calls_items: 'tools that one MCP client may have running at once',
  mcp_http_requests_items: 'requests of one MCP session at `/mcp` at once',
  mcp_http_sessions_items: 'MCP sessions at `/mcp` in memory; the one unused longest makes room',
  mcp_http_idle_ms: 'disuse after which the peer of an MCP session at `/mcp` is offline',
  mcp_http_gone_ms: 'the same once the stream of such a session has ended',
  mcp_session_ms: 'how old a session at `/mcp` may be that goes on after a restart or disuse',
  usage_days_rows: 'days of usage that are kept',
  session_code_ms: 'how long the link of signalbox open works',
};

/** Every generated table, as Markdown, by the name that REFERENCE.md gives it. */
export function referenceTables(): Record<string, string> {
  return {
    commands: tableOf(['Command', 'What it does'], commandRows()),
    methods: tableOf(['Method', 'Who', 'Verb', 'Event', 'What it does'], methodRows()),
    refusals: tableOf(['Refusal', 'Code', 'Retry', 'What it says', 'Exit'], refusalRows()),
    events: tableOf(['Event', 'Since level', 'Proposed by', 'Fields'], eventRows()),
    limits: tableOf(['Limit', 'Value', 'Of what'], limitRows()),
  };
}

const MARKED = /(<!-- table: (\w+) -->\n)([\s\S]*?)(<!-- end -->)/g;

/** The text with each marked table as the code says it. */
export function withTables(text: string, tables: Readonly<Record<string, string>>): string {
  return text.replace(
    MARKED,
    (_, start: string, name: string, old: string, end: string) =>
      `${start}${tables[name] ?? old}${end}`,
  );
}

/** Law 7: which tables are missing, unknown, or not what the code says. */
export function staleTables(text: string, tables: Readonly<Record<string, string>>): string[] {
  const told = new Map([...text.matchAll(MARKED)].map(([, , name, table]) => [name, table]));
  return [
    ...Object.keys(tables)
      .filter(name => told.get(name) !== tables[name])
      .map(name => `REFERENCE.md: the table of ${name} is not what the code says; ${REMEDY}`),
    ...[...told.keys()]
      .filter(name => !Object.hasOwn(tables, `${name}`))
      .map(name => `REFERENCE.md: nobody writes a table of ${name}`),
  ];
}

const REMEDY = 'UPDATE_REFERENCE=1 npm test tidy writes it';

/** Law 7: exit codes that the table lacks or invents; signals end a process with 128 + n. */
export function untoldExits(text: string): string[] {
  const codes = [...Object.values(exits), 128 + 1, 128 + 15].map(String);
  const told = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => `${code}`);
  return [
    ...codes.filter(code => !told.includes(code)).map(code => `REFERENCE.md lacks exit ${code}`),
    ...told.filter(code => !codes.includes(code)).map(code => `REFERENCE.md invents exit ${code}`),
  ];
}

// No verb acts while its help is read, so none needs its world.
const program = makeProgram({} as Parameters<typeof makeProgram>[0]);

/** Law 7: commands that a text shows, in code, with a verb or an option that there is not. */
export function strangeCommands(paper: string, text: string): string[] {
  return [...text.matchAll(/(?:^|[`|(]) ?(signalbox [^`|)\n]*)/gm)].flatMap(([, typed = '']) => {
    const words = typed.match(/"[^"]*"|\S+/g)?.slice(1) ?? [];
    let command = program;
    const next = () => command.commands.find(each => each.name() === words[0]);
    for (let below = next(); below !== undefined; below = next()) {
      command = below;
      words.shift();
    }
    const known = [...command.options, ...program.options].flatMap(({ long }) => long ?? []);
    const [verb = '--help'] = words;
    const isNone = command.commands.length > 0 && /^[a-z]/.test(verb);
    const strange = words.filter(
      word => /^--[a-z]/.test(word) && ![...known, '--help'].includes(word),
    );
    return isNone || strange.length > 0 ? [`${paper} shows what there is not: ${typed}`] : [];
  });
}

/** Law 7: files that a text names, by the end of their path, and that are not there. */
export function missingFiles(paper: string, text: string, paths: readonly string[]): string[] {
  const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
  return [...new Set(named)]
    .filter(name => !paths.some(path => `/${path}`.endsWith(`/${name}`)))
    .map(name => `${paper} names \`${name}\`, which is not there`);
}

/** Law 7: links of a text to a paper, or a heading of one, that is not there; papers by name. */
export function brokenLinks(
  paper: string,
  text: string,
  papers: ReadonlyMap<string, string>,
): string[] {
  const links = [...text.matchAll(/\]\(([\w./-]+\.md)?(?:#([\w-]+))?\)/g)];
  return links.flatMap(([, name = paper, heading]) => {
    const target = papers.get(name);
    if (heading === undefined || target === undefined) return [];
    if (anchorsOf(target).has(heading)) return [];
    return [`${paper} links to ${name}#${heading}, which is not there`];
  });
}

/** As a forge makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return new Set(headings.map(title => slugOf(title)));
}

function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function commandRows(): Row[] {
  return leaves(program, 'signalbox').map(([path, command]) => [code(path), command.description()]);
}

/**
 * Every command that does something, with its path. One that only holds others is left out; one
 * that holds others and takes words or options itself, as spawn does, has its row before theirs.
 */
function leaves(command: Command, path: string): [string, Command][] {
  return command.commands
    .filter(each => each.name() !== 'help')
    .flatMap((each): [string, Command][] => {
      const own = `${path} ${each.name()}`;
      const below = leaves(each, own);
      const isGroup = below.length > 0 && !takesWords(each);
      return isGroup ? below : [[own, each], ...below];
    });
}

function takesWords({ registeredArguments, options }: Command): boolean {
  return registeredArguments.length > 0 || options.length > 0;
}

function methodRows(): Row[] {
  return Object.keys(methods)
    .filter(isMethod)
    .map(name => {
      const { who, verb, help } = methodRow(name);
      const event = isProposing(name) ? code(eventOfMethod(name)) : '';
      return [code(name), who, verb, event, help];
    });
}

function refusalRows(): Row[] {
  const rows = Object.entries(refusals) as [
    RefusalName,
    { code: number; help: string; retry?: boolean },
  ][];
  return rows.map(([name, row]) => [
    code(name),
    String(row.code),
    row.retry === true ? 'yes' : 'no',
    row.help,
    String(exits[exitOf(name)]),
  ]);
}

function eventRows(): Row[] {
  const { events, envelope } = jsonSchemasByPart();
  return eventTypes.map(type => {
    const { properties, required } = events[type] as EventSchema;
    const fields = Object.keys(properties)
      .filter(field => !envelope.has(field))
      .map(field => code(required.includes(field) ? field : `${field}?`));
    const { since, methods } = eventRow(type);
    const proposers = methods?.map(code).join(', ') ?? 'broker';
    return [code(type), String(since), proposers, fields.join(' ')];
  });
}

interface EventSchema {
  properties: Record<string, unknown>;
  required: string[];
}

function jsonSchemasByPart() {
  const events = jsonSchemas().events as unknown as Record<string, EventSchema>;
  const [first, ...others] = Object.values(events).map(({ properties }) => Object.keys(properties));
  const isShared = (field: string) => others.every(fields => fields.includes(field));
  return { events, envelope: new Set(first?.filter(isShared)) };
}

function limitRows(): Row[] {
  const told = Object.entries(toldLimits) as [keyof typeof limits, string][];
  return told.map(([name, what]) => [code(name), limits[name].toLocaleString('en-US'), what]);
}

function code(word: string): string {
  return `\`${word}\``;
}

function tableOf(head: Row, rows: readonly Row[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return `${lines.map(line => `| ${line.map(cell).join(' | ')} |`).join('\n')}\n`;
}
