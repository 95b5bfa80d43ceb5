// The verb dead-letter: what webhooks could not deliver is listed, shown, tried again and cleared.
import type { LetterRow } from '../../schemas/webhook.js';
import { allRows } from '../sdk/pages.js';
import { type Column, columnLines } from '../terminal/columns.js';
import { Failure } from '../terminal/exit.js';
import { spaced } from '../terminal/refusal-text.js';
import { shortId } from '../terminal/short-id.js';
import { age } from '../terminal/times.js';
import type { Act, Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { findRef, noteShown } from './reach/find.js';

const LETTER = 'its id as shown, or enough of it';
const OF_WEBHOOK = 'all of this webhook';

export const deadLetter: CliVerb = (program, act) => {
  const group = program
    .command('dead-letter')
    .description('list what webhooks could not deliver, try it again or clear it');
  group
    .command('list')
    .description('list what could not be delivered, and why')
    .option('--webhook <webhook>', 'of this webhook only')
    .addHelpText('after', examples('signalbox dead-letter list --webhook 3fa2c1'))
    .action(act(list));
  group
    .command('show')
    .description('show a dead letter, and the event that it tells of')
    .argument('<letter>', LETTER)
    .addHelpText('after', examples('signalbox dead-letter show 3fa2c1'))
    .action(act(show));
  change(group, act, 'retry', 'try once more; what fails again stays a dead letter');
  change(group, act, 'clear', 'forget a dead letter; its event stays in the log');
};

async function list(cli: Cli, { webhook: typed }: { webhook?: string }): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const webhook = typed === undefined ? undefined : await findRef(cli, reach, typed, ['webhook']);
  const page = webhook === undefined ? {} : { webhook };
  const asked = allRows(at => reach.read('deadletter.list', { ...page, ...at }));
  const rows = await terminal.during('asking', asked);
  const ids = rows.map(({ letter }) => letter);
  await noteShown(cli, reach, ids);
  const lines = () => columnLines(columns(ids, brokerTime.now()), rows, terminal.width);
  await terminal.many(rows, lines, 'no dead letters');
}

function columns(ids: readonly string[], now: number): Column<LetterRow>[] {
  return [
    { head: 'LETTER', of: ({ letter }) => shortId(letter, ids) },
    { head: 'WEBHOOK', of: ({ webhook }) => shortId(webhook) },
    { head: 'TYPE', of: ({ type }) => type },
    { head: 'SAID', of: ({ time }) => age(time, now) },
    { head: 'DIED', of: ({ died_at }) => age(died_at, now) },
    { head: 'ATTEMPTS', of: ({ attempts }) => `${attempts}` },
    { head: 'STATE', of: ({ state }) => state },
    { head: 'WHY', of: whyOf },
  ];
}

function whyOf({ reason, status }: LetterRow): string {
  return `${spaced(reason)}${status === undefined ? '' : ` ${status}`}`;
}

async function show(cli: Cli, typed: string): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const letter = await findRef(cli, reach, typed, ['dead']);
  const row = await terminal.during('asking', reach.read('deadletter.get', { letter }));
  const from = { time: row.time };
  const filter = { types: [row.type] };
  const { records } = await reach.read('log.read', { from, filter, max: 1_000 });
  const record = records.find(([position]) => position === row.position);
  const event = record?.[2];
  await terminal.one({ ...row, ...(event && { record: event }) }, () => [
    ...columnLines(columns([letter], brokerTime.now()), [row], terminal.width),
    ...(event ? ['', ...JSON.stringify(event, undefined, 2).split('\n').map(terminal.text)] : []),
  ]);
}

type Verb = 'retry' | 'clear';

function change(group: Parameters<CliVerb>[0], act: Act, verb: Verb, description: string): void {
  group
    .command(verb)
    .description(description)
    .argument('[letter]', LETTER)
    .option('--webhook <webhook>', OF_WEBHOOK)
    .addHelpText('after', examples(`signalbox dead-letter ${verb} 3fa2c1`))
    .action(
      act(async (cli, typed: string | undefined, { webhook }: { webhook?: string }) => {
        if ((typed === undefined) === (webhook === undefined)) {
          const hint = `name one, or all of a webhook: signalbox dead-letter ${verb} --webhook …`;
          throw new Failure('usage', 'which dead letter?', { hint });
        }
        const reach = await cli.reach();
        const named =
          typed === undefined
            ? { webhook: await findRef(cli, reach, webhook ?? '', ['webhook']) }
            : { letter: await findRef(cli, reach, typed, ['dead']) };
        const call = reach.read(`deadletter.${verb}`, named);
        const changed = await cli.terminal.during('asking', call);
        const done = verb === 'retry' ? 'is tried again' : 'cleared';
        const whole = webhook === undefined ? '' : 'all of ';
        const what = `${whole}${shortId(Object.values(named)[0] ?? '')}`;
        await cli.terminal.one(changed, () => [`${what} ${done}`]);
      }),
    );
}
