// The verbs schedule at, cron and self: what is said later, when, and to whom.
import { type Command, Option } from 'commander';
import type { Result } from '../../../schemas/method.js';
import { Failure } from '../../terminal/exit.js';
import { shortId } from '../../terminal/short-id.js';
import { localZone, whenText } from '../../terminal/when.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples, moment, type TextOptions, withText } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { noteShown } from '../reach/find.js';
import { orMe } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { needText } from '../text.js';

type CatchUp = 'last' | 'all' | 'skip';
type Made = Result<'schedule.create'>;

interface HowOptions extends TextOptions {
  ask?: boolean;
  catchUp?: CatchUp;
  overlap?: 'skip' | 'allow';
}

interface RuleOptions {
  zone?: string;
  until?: string | number;
}

interface SelfOptions extends TextOptions, RuleOptions {
  at?: string | number;
  cron?: string;
  catchUp?: CatchUp;
}

const TIME = '90s, 2h, 18:00, tomorrow 9:00, "mon 9am Europe/Berlin", an ISO time …';
const RULE = 'minute hour day month weekday, as "0 9 * * 1-5"; or @hourly @daily @weekly @monthly';

const catchUp = () =>
  new Option(
    '--catch-up <which>',
    'of times missed while nothing ran: the last, all, or none',
  ).choices(['last', 'all', 'skip']);

/** How it is said: to others also as an ask. */
function withHow(verb: Command): Command {
  return verb
    .option('--ask', 'open an ask that wants an answer, not just a message')
    .addOption(catchUp())
    .addOption(
      new Option(
        '--overlap <policy>',
        'while the ask before is open: skip, or ask all the same',
      ).choices(['skip', 'allow']),
    );
}

function withRule(verb: Command): Command {
  return verb
    .option('--zone <name>', 'the zone of the rule (default: the one of this machine)')
    .option('--until <time>', 'ends then', moment);
}

export const at: CliVerb = (group, act) => {
  const verb = group
    .command('at')
    .description('send a peer a message or an ask once, later')
    .argument('<time>', TIME, moment)
    .argument('<to>', 'the name or id of a peer');
  withHow(withText(verb))
    .addHelpText(
      'after',
      examples(
        'signalbox schedule at "tomorrow 9:00" api "is the build green?" --ask',
        'signalbox schedule at 2h ada "look at the long run"',
      ),
    )
    .action(
      act(
        async (cli, fire_at: string | number, to: string, words: string[], options: HowOptions) => {
          const text = await needText({ words, ...options }, cli.world);
          const reach = await cli.reach();
          const params = { text, fire_at, ...how(options), ...(await whom(cli, reach, to)) };
          await tell(cli, reach, to, reach.speak('schedule.create', params));
        },
      ),
    );
};

export const cron: CliVerb = (group, act) => {
  const verb = group
    .command('cron')
    .description('send a peer a message or an ask again and again')
    .argument('<rule>', RULE)
    .argument('<to>', 'the name or id of a peer');
  withRule(withHow(withText(verb)))
    .addHelpText(
      'after',
      examples(
        'signalbox schedule cron "0 9 * * 1-5" api "what is open?" --ask --zone Europe/Berlin',
        'signalbox schedule cron @daily ops "clean up" --until 2027-01-01',
      ),
    )
    .action(
      act(
        async (
          cli,
          rule: string,
          to: string,
          words: string[],
          options: HowOptions & RuleOptions,
        ) => {
          const text = await needText({ words, ...options }, cli.world);
          const reach = await cli.reach();
          const rules = { cron: rule, ...ruled(options) };
          const params = { text, ...rules, ...how(options), ...(await whom(cli, reach, to)) };
          await tell(cli, reach, to, reach.speak('schedule.cron', params));
        },
      ),
    );
};

export const self: CliVerb = (group, act) => {
  const verb = group
    .command('self')
    .description('send yourself a message later, once or by a rule');
  withRule(withText(verb))
    .option('--at <time>', `once: ${TIME}`, moment)
    .option('--cron <rule>', `again and again: ${RULE}`)
    .addOption(catchUp())
    .addHelpText(
      'after',
      examples(
        'signalbox schedule self --at 30m "look whether the lanes still move"',
        'signalbox schedule self --cron "*/20 * * * *" "look at the board" --until 18:00',
      ),
    )
    .action(act(runSelf));
};

async function runSelf(cli: Cli, words: string[], options: SelfOptions): Promise<void> {
  const { at: fire_at, cron: rule, catchUp: catch_up } = options;
  if ((fire_at === undefined) === (rule === undefined)) {
    throw new Failure('usage', 'say when: --at for once, or --cron for again and again');
  }
  if (rule === undefined && (options.zone ?? options.until) !== undefined) {
    throw new Failure('usage', '--zone and --until are for a --cron');
  }
  const text = await needText({ words, ...options }, cli.world);
  const reach = await cli.reach();
  const call = reach.speak('schedule.self', {
    text,
    ...(rule === undefined ? { fire_at } : { cron: rule, ...ruled(options) }),
    ...(catch_up && { catch_up }),
  });
  await tell(cli, reach, 'yourself', call);
}

function how({ ask, catchUp: catch_up, overlap }: HowOptions) {
  return {
    ...(ask && { kind: 'ask' as const }),
    ...(catch_up && { catch_up }),
    ...(overlap && { overlap }),
  };
}

function ruled({ zone = localZone(), until }: RuleOptions) {
  return { zone, ...(until !== undefined && { until }) };
}

async function whom(cli: Cli, reach: Reach, to: string) {
  const { circle } = cli.options;
  return { to: await orMe(cli, reach, to), ...(circle && { circle }) };
}

async function tell(cli: Cli, reach: Reach, to: string, call: Promise<Made>): Promise<void> {
  const { terminal } = cli;
  const made = await terminal.during('scheduling', call);
  await noteShown(cli, reach, [made.schedule]);
  const { next_at } = made;
  const next = next_at === undefined ? '' : `: ${whenText(next_at, brokerTime.now(), localZone())}`;
  await terminal.one(made, () => [`schedule ${shortId(made.schedule)} to ${to}${next}`]);
  terminal.hint(`to end it: signalbox schedule cancel ${shortId(made.schedule)}`);
}
