// The verb watch create: which condition, of what, and who is told how.
import { Option } from 'commander';
import {
  type ConditionShape,
  conditionNames,
  conditionProblem,
  type WatchCondition,
  watchConditions,
} from '../../../schemas/events/watch.js';
import { Failure } from '../../terminal/exit.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli, CliVerb } from '../cli.js';
import { countOf, dollars, examples, moment, seconds, wholeNumber } from '../options.js';
import { findJob, findRef, noteShown } from '../reach/find.js';
import { orMe } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';

interface Options {
  when: string;
  peer?: string;
  ask?: string;
  job?: string;
  owner?: string;
  queue?: 'inbox' | 'jobs';
  kind?: string;
  for?: number;
  age?: number;
  depth?: number;
  percent?: number;
  tokens?: number;
  cost?: number;
  then?: 'notify' | 'ask';
  to?: string;
  text?: string;
  once?: boolean;
  quiet?: number;
  until?: string | number;
}

/** How each parameter of a condition is said here; `circle` is for every verb. */
const flags: Readonly<Record<string, string>> = {
  peer: '--peer <name>',
  ask: '--ask <id>',
  job: '--job <id>',
  owner: '--owner <name>',
  queue: '--queue inbox|jobs',
  kind: '--kind <kind>',
  circle: '--circle <name>',
  for_s: '--for <time>',
  age_s: '--age <time>',
  depth: '--depth <n>',
  percent: '--percent <n>',
  tokens: '--tokens <n>',
  cost_usd: '--cost <dollars>',
};

export const create: CliVerb = (group, act) => {
  group
    .command('create')
    .description('be told when a condition holds, once for each time it comes to hold')
    .requiredOption('--when <condition>', conditionNames.join(', '))
    .option('--peer <name>', 'who is away, asked, whose inbox or use (default: you, if it fits)')
    .option('--ask <id>', 'this ask (default: every ask of yours)')
    .option('--job <id>', 'this job, by its id or number (default: every job of yours)')
    .option('--owner <name>', 'every job of theirs')
    .addOption(
      new Option('--queue <which>', 'an inbox, or jobs that anyone may claim').choices([
        'inbox',
        'jobs',
      ]),
    )
    .option('--kind <kind>', 'jobs of this kind')
    .option('--for <time>', 'for how long: 90s, 10m, 2h, 3d', seconds)
    .option('--age <time>', 'how old an ask: 90s, 10m, 2h, 3d', seconds)
    .option('--depth <n>', 'more than so many', wholeNumber)
    .option('--percent <n>', 'of the budget of today (UTC)', countOf)
    .option('--tokens <n>', 'so many tokens today', countOf)
    .option('--cost <dollars>', 'so much today', dollars)
    .addOption(
      new Option(
        '--then <what>',
        'a message, or an ask that must be closed (default: notify)',
      ).choices(['notify', 'ask']),
    )
    .option('--to <name>', 'who is told (default: you)')
    .option('--text <words>', 'words of yours before the facts')
    .option('--once', 'ends after it has told once')
    .option('--quiet <time>', 'between two of its messages at least (default: 60s)', seconds)
    .option('--until <time>', 'ends then', moment)
    .addHelpText('after', conditionsHelp())
    .addHelpText(
      'after',
      examples(
        'signalbox watch create --when peer.offline --peer api --for 10m',
        'signalbox watch create --when ask.older_than --age 30m --text "nudge them"',
        'signalbox watch create --when job.silent --for 15m --then ask --to api --once',
        'signalbox watch create --when queue.deeper_than --queue jobs --kind review --depth 5',
        'signalbox watch create --when budget.above --peer api --percent 80',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const when = conditionCalled(options.when);
  demandFit(cli, when, options);
  const reach = await cli.reach();
  const params = {
    when,
    ...(await watched(cli, reach, options)),
    ...bounds(options),
    ...(await telling(cli, reach, options)),
  };
  const made = await terminal.during('asking', reach.speak('watch.create', params));
  await noteShown(cli, reach, [made.watch]);
  await terminal.one(made, () => [`watch ${shortId(made.watch)}: ${when}`]);
  terminal.hint(`to end it: signalbox watch cancel ${shortId(made.watch)}`);
}

function conditionCalled(name: string): WatchCondition {
  const known = conditionNames.find(each => each === name);
  if (known !== undefined) return known;
  throw new Failure('usage', `there is no condition ${JSON.stringify(name)}`, {
    hint: `one of these:\n${conditionLines().join('\n')}`,
  });
}

/** Says what is amiss before a broker is asked, in the words of this verb. */
function demandFit({ options: { circle } }: Cli, when: WatchCondition, options: Options): void {
  const { peer, ask, job, owner, queue, kind } = options;
  const given = { when, peer, ask, job, owner, queue, kind, circle, ...bounds(options) };
  const problem = conditionProblem(given, field => flags[field]?.split(' ')[0] ?? '');
  if (problem === undefined) return;
  throw new Failure('usage', `${when} ${problem}`, {
    hint: `it is: signalbox watch create --when${conditionLine(when).slice(1)}`,
  });
}

/** Each condition with what it takes. */
function conditionLines(): string[] {
  return conditionNames.map(conditionLine);
}

function conditionLine(name: WatchCondition): string {
  const { of, bound, also }: ConditionShape = watchConditions[name];
  const said = (names: readonly string[]) =>
    names.map(each => flags[each]).filter(flag => flag !== undefined);
  const oneOf = (words: readonly string[]) =>
    words.length > 1 ? `(${words.join(' | ')})` : words.join('');
  const rest = also.length === 0 ? '' : ` [${said(also).join('] [')}]`;
  return `  ${name} ${oneOf(said(of))} ${oneOf(said(bound))}${rest}`;
}

function conditionsHelp(): string {
  const lines = conditionNames.flatMap((name, n) => [
    conditionLines()[n]!,
    `      ${watchConditions[name].holds}`,
  ]);
  return ['', 'Conditions:', ...lines].join('\n');
}

async function watched(cli: Cli, reach: Reach, options: Options) {
  const { peer, ask, job, owner, queue, kind } = options;
  const { circle } = cli.options;
  return {
    ...(peer !== undefined && { peer: await orMe(cli, reach, peer) }),
    ...(ask !== undefined && { ask: await findRef(cli, reach, ask, ['ask']) }),
    ...(job !== undefined && { job: await findJob(cli, reach, job) }),
    ...(owner !== undefined && { owner: await orMe(cli, reach, owner) }),
    ...(queue && { queue }),
    ...(kind !== undefined && { kind }),
    ...(circle && { circle }),
  };
}

function bounds({ for: for_s, age: age_s, depth, percent, tokens, cost: cost_usd }: Options) {
  return {
    ...(for_s !== undefined && { for_s }),
    ...(age_s !== undefined && { age_s }),
    ...(depth !== undefined && { depth }),
    ...(percent !== undefined && { percent }),
    ...(tokens !== undefined && { tokens }),
    ...(cost_usd !== undefined && { cost_usd }),
  };
}

async function telling(cli: Cli, reach: Reach, options: Options) {
  const { then: tell, to, text, once, quiet: quiet_s, until } = options;
  return {
    ...(tell && { tell }),
    ...(to !== undefined && { to: await orMe(cli, reach, to) }),
    ...(text !== undefined && { text }),
    ...(once && { once }),
    ...(quiet_s !== undefined && { quiet_s }),
    ...(until !== undefined && { until }),
  };
}
