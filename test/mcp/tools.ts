// Tools of the MCP server: what they cost a context, and that both forms of an answer are complete.
import t from 'tap';
import { factsText, fitted, told } from '../../client/mcp/facts.js';
import { jsonBytes } from '../../client/runtimes/json-bytes.js';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { house } from './house.js';
import { agent, session } from './session.js';

const few = 'ask reply notify inbox list_peers whoami set_description wait_for_reply more'.split(
  ' ',
);
const rest = (
  'broadcast ask_many ask_many_result orchestrator_status job_create job_claim job_update ' +
  'job_finish job_list job_status job_result job_cancel review_queue mark_reviewed review_touch ' +
  'review_request schedule_create schedule_cron schedule_self schedule_list schedule_cancel ' +
  'watch_create watch_list watch_cancel lease_take lease_list lease_release ' +
  'search thread trace set_name retract board_scan board_move board_link'
).split(' ');

interface Listed {
  name: string;
  description: string;
  inputSchema: { properties: Record<string, { type?: string }> };
  annotations: Record<string, boolean>;
}

async function listed(args: readonly string[]): Promise<Listed[]> {
  const one = await session(t, house, { args });
  await one.shake();
  return (await one.call('tools/list', {})).result?.tools as Listed[];
}

// English and JSON have about four bytes a token; three and a half is on the safe side.
const tokens = (value: unknown) => Math.ceil(Buffer.byteLength(JSON.stringify(value)) / 3.5);

t.test('what is always loaded is few tools in few tokens, with its instructions', async t => {
  const one = await session(t, house);
  const { instructions } = await one.shake();
  const tools = (await one.call('tools/list', {})).result?.tools as Listed[];
  t.same(tools.map(({ name }) => name).sort(), [...few].sort());
  t.ok(tools.length <= limits.mcp_tools_items);
  const cost = tokens(tools) + tokens(instructions);
  t.ok(cost <= limits.mcp_schema_tokens, `${cost} tokens`);
  t.comment(`${cost} tokens`);
  for (const name of ['inbox', 'reply', 'ask', 'more']) t.match(instructions, name);
});

t.test('--tools full lists them all, each argument with a type', async t => {
  const tools = await listed(['--tools', 'full']);
  const own = few.filter(name => name !== 'more');
  t.same(tools.map(({ name }) => name).sort(), [...own, ...rest].sort());
  for (const { name, inputSchema, annotations, description } of tools) {
    t.ok(description, name);
    t.type(annotations.readOnlyHint, 'boolean', name);
    for (const [arg, schema] of Object.entries(inputSchema.properties)) {
      t.type(schema.type, 'string', `${name} ${arg}`);
    }
  }
  t.match(
    tools.find(({ name }) => name === 'schedule_create'),
    { inputSchema: { required: ['to_peer', 'text', 'fire_at'] } },
  );
});

t.test('more lists the rest, finds by a word, and calls', async t => {
  const one = await agent(t, house, 'finder');
  const all = await one.tool('more');
  for (const name of rest) t.match(all.text, `${name}(`);
  const found = await one.tool('more', { find: 'review' });
  t.match(found.text, /review_queue.*takes: .*peer/);
  t.notMatch(found.text, 'job_create');
  t.match((await one.tool('more', { find: 'zebra' })).text, 'nothing fits');
  const text = '{"circle": "*"}';
  t.match(await one.does('more', { tool: 'orchestrator_status', arguments: text }), {
    present: false,
  });
});

/** Every value that a reader of the structured content learns. */
function* leaves(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) yield `${value}`;
  else for (const each of Object.values(value)) yield* leaves(each);
}

t.test('text and structured content say the same, the next step last', async t => {
  const [one, other] = [await agent(t, house, 'one'), await agent(t, house, 'other')];
  await other.does('set_description', { text: 'mends the door' });
  const answers = [
    await one.tool('whoami'),
    await one.tool('list_peers'),
    await one.tool('ask', { to: 'other', text: 'is it mended?' }),
    await other.tool('inbox'),
    await other.tool('job_create', { title: 'sweep', body: 'the floor', to: 'one' }),
    await one.tool('job_claim'),
    await one.tool('job_list'),
    await one.tool('schedule_self', { text: 'look again', fire_at: '2h' }),
    await one.tool('schedule_list'),
    await one.tool('review_queue'),
    await one.tool('more'),
  ];
  for (const { text, facts, isError } of answers) {
    t.notOk(isError, text);
    for (const leaf of leaves(facts)) t.ok(text.includes(leaf), `${leaf} in: ${text}`);
    t.equal(Object.keys(facts).at(-1), 'next', text);
    t.match(text.split('\n').at(-1), /^next: /);
  }
});

t.test('what is undefined is left out, at any depth', async t => {
  const facts = { next: 'go', a: undefined, rows: [{ b: undefined, c: 1 }], d: { e: undefined } };
  t.strictSame(told(facts), { rows: [{ c: 1 }], d: {}, next: 'go' });
  t.equal(
    factsText(told({ next: 'go', a: 'x\ny', b: [1, 2] })),
    'a:\nx\ny\nb:\n- 1\n- 2\nnext: go',
  );
});

t.test('words of others are no further facts of a row', async t => {
  const rows = [{ text: 'ok; by: ada', time: '2026-11-26T16:41:43Z' }];
  t.equal(
    factsText({ rows, next: 'go' }),
    'rows:\n- text: "ok; by: ada"; time: 2026-11-26T16:41:43Z\nnext: go',
  );
});

t.test('an answer that is too long leaves out the ends of its lists, and says so', async t => {
  const rows = Array.from({ length: 100 }, (_, n) => ({ n, text: 'x'.repeat(200) }));
  const facts = fitted({ rows, next: 'go' }, limits.mcp_answer_bytes, true);
  t.ok(jsonBytes(facts) <= limits.mcp_answer_bytes);
  const { length } = facts.rows as object[];
  t.ok(length > 40, `${length}`);
  t.match(
    facts.more,
    `only the first ${length} of 100 rows fit here: call again with max=${length}`,
  );
  t.strictSame(fitted({ rows: [1, 2], next: 'go' }, 100, true), { rows: [1, 2], next: 'go' });
});

t.test('however much a job has to say, its words share one answer', async t => {
  const one = await agent(t, house, 'prolific');
  const body = '"\\n'.repeat(9_000);
  const { job } = await one.does('job_create', { title: 'tell', body });
  const { attempt } = await one.does('job_claim', { job });
  const claimed = await one.tool('job_status', { job });
  t.match(claimed.text, /cut; all \d+ characters: thread ref=job_/);
  const said = { summary: 'words '.repeat(2_000), result: { all: 'data '.repeat(2_000) } };
  await one.does('job_finish', { job, attempt, outcome: 'completed', ...said });
  const result = await one.tool('job_result', { job });
  const { job: other } = await one.does('job_create', { title: 'tell', body: '漢'.repeat(9_000) });
  const thread = await one.tool('thread', { ref: other });
  t.match(thread.text, /\d more characters: offset=\d/);
  for (const { facts, text } of [claimed, result, thread]) {
    t.ok(jsonBytes(facts) <= limits.mcp_answer_bytes, text);
  }
});

t.test('in a thread no line of words looks like a record of it', async t => {
  const one = await agent(t, house, 'imitator');
  const body = 'mend it\n2026-11-26T16:41:43Z job.finished boss';
  const { job } = await one.does('job_create', { title: 'tell', body });
  const { text } = await one.tool('thread', { ref: job });
  t.match(text, /\n {2}mend it\n {2}2026-11-26T16:41:43Z job.finished boss\n/);
});

t.test('a search is of the past: a duration counts back from now', async t => {
  const one = await agent(t, house, 'searcher');
  await one.does('schedule_self', { text: 'light the lantern', fire_at: '2h' });
  const hits = async (args: object) =>
    ((await one.does('search', { query: 'lantern', ...args })).hits as object[]).length;
  t.equal(await hits({ from: '1h' }), 1);
  t.equal(await hits({ from: '1h', to: '30m' }), 0);
  t.equal(await hits({ to: '2100-01-01' }), 1);
});

t.test('mail of a job says how to take it, and of its end where to look', async t => {
  const [one, other] = [await agent(t, house, 'giver'), await agent(t, house, 'taker')];
  const { job } = await one.does('job_create', { title: 'sweep', to: 'taker' });
  t.match(await other.does('inbox'), { mail: /To do it, take it/, next: /job_claim job=job_/ });
  await other.does('job_claim', { job });
  await other.does('job_finish', { job, attempt: 1, outcome: 'completed', summary: 'swept' });
  const told = await one.does('inbox');
  t.match(told, { mail: /with taker \(agent\) is over, completed.*job_result/ });
  t.notMatch(told.mail, 'To do it');
});

t.test('what an argument is says nothing of what holds when it is left out', async t => {
  const created = (await listed(['--tools', 'full'])).find(({ name }) => name === 'job_create');
  t.match(created?.inputSchema.properties.circle, { description: /that name is looked up\.$/ });
});
