// The verbs spawn allow and spawn disallow: where sessions may be started, as a person has said.
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { RuntimeName } from '../../setup/targets.js';
import { replaceFile } from '../../spawn/own-files.js';
import { isRuntime } from '../../spawn/programs.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { Failure } from '../../terminal/exit.js';
import { quoted } from '../../terminal/paste.js';
import { why } from '../../terminal/why.js';
import type { Act, Cli } from '../cli.js';
import { demandOwn, readSmallFile } from '../config/small-file.js';
import { commaList, examples, wholeNumber } from '../options.js';

/** A folder in which, and below which, sessions may be started. */
interface Rule {
  /** A real path. */
  path: string;
  /** Which agents; absent for all. */
  runtimes?: RuntimeName[];
  /** The words that may be given to them behind `--`. */
  args?: string[];
}

/** All that a person has allowed. */
export interface AllowList {
  /** How many sessions may run at once. */
  max: number;
  rules: Rule[];
}

/** In the user's own config: never in a project, which may come from anybody. */
function fileOf({ paths }: Cli): string {
  return join(paths.config, 'spawn.json');
}

/** What is allowed. Throws a Failure for a file that is damaged, or that others may write. */
export function readAllowList(cli: Cli): AllowList {
  const file = fileOf(cli);
  const found = readSmallFile(file);
  if (found === undefined) return { max: limits.spawn_running_items, rules: [] };
  demandOwn(file, found);
  const list = listIn(found.text);
  if (list !== undefined) return list;
  throw new Failure('failed', `${file} is no list of what may be spawned any more`, {
    hint: `move it away, and make it anew: signalbox spawn allow PATH`,
  });
}

function listIn(text: string): AllowList | undefined {
  try {
    const { max, rules } = Object(JSON.parse(text));
    const isList = (value: unknown) =>
      value === undefined || (Array.isArray(value) && value.every(one => typeof one === 'string'));
    const isRule = ({ path, runtimes, args }: Rule) =>
      typeof path === 'string' && isAbsolute(path) && isList(runtimes) && isList(args);
    const isWhole = Number.isSafeInteger(max) && max >= 0 && Array.isArray(rules);
    return isWhole && rules.every(rule => isRule(Object(rule))) ? { max, rules } : undefined;
  } catch {
    return undefined;
  }
}

/** Throws a Failure, with what a person has to say, where a start is not allowed. */
export function demandAllowed(
  { rules }: AllowList,
  path: string,
  runtime: RuntimeName,
  args: readonly string[],
): void {
  const near = rules.filter(rule => isWithin(path, rule.path));
  const fit = near.filter(({ runtimes }) => runtimes?.includes(runtime) ?? true);
  const isFree = (rule: Rule) => args.every(word => rule.args?.includes(word));
  if (fit.some(isFree)) return;
  const words = args.length === 0 ? '' : ` -- ${args.map(quoted).join(' ')}`;
  const what = near.length === 0 ? `sessions in ${path}` : `${runtime} in ${path}`;
  const how = fit.length > 0 ? ` with ${args.map(quoted).join(' ')}` : '';
  throw new Failure('unauthorised', `nobody has allowed ${what}${how}`, {
    hint: `a person may, in a shell of their own: signalbox spawn allow ${quoted(path)}${words}`,
    refusal: 'forbidden',
  });
}

/** True for a folder and all below it; both are real paths. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** A folder as it is, whatever links lead there. Throws a Failure where there is none. */
export function realFolder(typed: string, directory: string): string {
  try {
    const path = realpathSync(resolve(directory, typed));
    if (!statSync(path).isDirectory()) throw new Error('it is no folder');
    return path;
  } catch (error) {
    throw new Failure('unknown', `cannot work in ${typed}: ${why(error)}`);
  }
}

/**
 * An agent that may allow asks nobody but itself. This keeps from mistakes, and is no wall: what
 * runs as this user may write this user's files.
 */
function demandPerson({ who, world }: Cli): void {
  const isAgent = 'agent' in who || who.runtime !== undefined;
  if (!isAgent && !world.env.SIGNALBOX_SPAWN) return;
  const whose = 'agent' in who ? who.agent : (who.runtime ?? 'a spawned session');
  throw new Failure('unauthorised', `what may be spawned says a person, not a shell of ${whose}`, {
    hint: 'run it in a shell of your own',
    refusal: 'forbidden',
  });
}

interface AllowOptions {
  agents?: RuntimeName[];
  list?: boolean;
  remove?: boolean;
  max?: number;
}

/** Adds both verbs. */
export function addAllow(group: Command, act: Act): void {
  group
    .command('allow')
    .description('let sessions be started in a folder and below it; or see where they may be')
    .argument('[path]', 'the folder')
    .argument('[words...]', 'behind --: words that may be given to the agent, as -- --model opus')
    .option('--agents <list>', 'these agents only, as claude-code,codex', runtimeList)
    .option('--max <count>', 'how many sessions may run at once', wholeNumber)
    .option('--list', 'show what is allowed')
    .addOption(new Option('--remove', 'allow it no more').conflicts(['list', 'agents', 'max']))
    .addHelpText(
      'after',
      examples(
        'signalbox spawn allow ~/work',
        'signalbox spawn allow ~/work/shop --agents claude-code -- --model opus',
        'signalbox spawn allow --max 4',
        'signalbox spawn allow --list',
      ),
    )
    .action(act(allow));
  group
    .command('disallow')
    .description('allow no more sessions in a folder; those that run go on')
    .argument('<path>', 'the folder, as the list shows it')
    .addHelpText('after', examples('signalbox spawn disallow ~/work'))
    .action(act(async (cli, path: string) => disallow(cli, path)));
}

function runtimeList(text: string): RuntimeName[] {
  const names = commaList(text);
  const wrong = names.find(name => !isRuntime(name));
  if (wrong === undefined) return names as RuntimeName[];
  throw new InvalidArgumentError(`${wrong} is none: claude-code, codex, gemini, opencode.`);
}

async function allow(
  cli: Cli,
  path: string | undefined,
  words: string[],
  options: AllowOptions,
): Promise<void> {
  const { agents, max, remove = false } = options;
  if (options.list || (path === undefined && max === undefined)) return list(cli);
  if (remove && path !== undefined) return disallow(cli, path);
  demandPerson(cli);
  const before = readAllowList(cli);
  const kept = max === undefined ? before : { ...before, max: boundedMax(max) };
  if (path === undefined) return keep(cli, kept, `${kept.max} sessions may run at once`);
  const folder = realFolder(path, cli.world.directory);
  const rule: Rule = {
    path: folder,
    ...(agents && { runtimes: agents }),
    ...(words.length > 0 && { args: words }),
  };
  const others = kept.rules.filter(each => each.path !== folder);
  if (others.length >= limits.spawn_rules_items) {
    throw new Failure('failed', `at most ${limits.spawn_rules_items} folders can be allowed`);
  }
  const rules = [...others, rule];
  await keep(cli, { ...kept, rules }, `sessions may be started in ${folder}`);
}

function boundedMax(max: number): number {
  if (max <= limits.spawn_running_max_items) return max;
  throw new Failure('usage', `--max is at most ${limits.spawn_running_max_items}`);
}

async function disallow(cli: Cli, typed: string): Promise<void> {
  demandPerson(cli);
  const before = readAllowList(cli);
  const path = resolve(cli.world.directory, typed);
  const rules = before.rules.filter(rule => rule.path !== path && rule.path !== realOf(path));
  if (rules.length === before.rules.length) {
    const above = before.rules.find(rule => isWithin(realOf(path), rule.path));
    throw new Failure('unknown', `${path} is not on the list`, {
      hint: above ? `it is allowed by ${above.path}` : 'signalbox spawn allow --list',
    });
  }
  await keep(cli, { ...before, rules }, `no more sessions are started in ${path}`);
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function keep(cli: Cli, list: AllowList, line: string): Promise<void> {
  try {
    replaceFile(fileOf(cli), JSON.stringify(list, null, 2));
  } catch (error) {
    throw new Failure('failed', `cannot write ${fileOf(cli)}: ${why(error)}`);
  }
  await cli.terminal.one(list, () => [line]);
}

async function list(cli: Cli): Promise<void> {
  const { max, rules } = readAllowList(cli);
  const columns: Column<Rule>[] = [
    { head: 'FOLDER', of: ({ path }) => path },
    { head: 'AGENTS', of: ({ runtimes }) => runtimes?.join(',') ?? 'all' },
    { head: 'WORDS', of: ({ args = [] }) => args.map(quoted).join(' '), isOptional: true },
  ];
  const lines = () => columnLines(columns, rules, cli.terminal.width);
  await cli.terminal.many(rules, lines, 'nothing is allowed yet', { max });
}
