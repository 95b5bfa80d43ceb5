// The verb at: what there was at a time or position of the log, in the tables of now.
import { Argument } from 'commander';
import type { Params } from '../../schemas/method.js';
import type { LiveView } from '../../schemas/view.js';
import { Failure } from '../terminal/exit.js';
import { nameIds } from '../terminal/names.js';
import { type LogPlace, PLACE_HELP } from '../terminal/places.js';
import { oneLine } from '../terminal/safe.js';
import { stamp } from '../terminal/times.js';
import { idIn, type ToldRow, tableOf, views } from './at/tables.js';
import type { Cli, CliVerb } from './cli.js';
import { OPEN } from './job/list.js';
import { examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { noteShown } from './reach/find.js';
import { knownSelf, orMe, peerNames } from './reach/peers.js';
import { eventAt, placeAt, placeOf } from './reach/place.js';
import type { Reach } from './reach/reach.js';

type Where = NonNullable<Params<'view.at'>['where']>;
type Moment = { position: number } | { time: number };

interface Options {
  where: string[];
  all?: boolean;
}

interface Told {
  position: number;
  time: number;
  rows: ToldRow[];
}

export const at: CliVerb = (program, act) => {
  const more = (item: string, former: string[]) => [...former, item];
  program
    .command('at')
    .description('show what there was at a time, or at a position of the log')
    .argument('<when>', 'the place in the log; what happened there belongs to it')
    .addArgument(new Argument('<what>', 'what to show').choices(Object.keys(views)))
    .option('--where <column=value>', 'only rows with this value; repeatable', more, [])
    .option('--all', 'also who was offline, what was over, and other inboxes and queues')
    .addHelpText(
      'after',
      `\n${PLACE_HELP}\n${examples(
        'signalbox at 2h peers',
        'signalbox at "yesterday 18:00" jobs --where kind=fix',
        'signalbox at 481226 asks --all --json',
      )}`,
    )
    .action(act(run));
};

async function run(cli: Cli, when: string, what: LiveView, options: Options): Promise<void> {
  const { terminal } = cli;
  placeOf(when);
  const reach = await cli.reach();
  const asked = await whereOf(cli, reach, what, options.where);
  const where = options.all ? asked : { ...(await usual(cli, reach, what)), ...asked };
  const moment = await momentOf(reach, await placeAt(reach, when));
  const told = await terminal.during('looking back', rowsAt(reach, moment, what, where));
  const { position, time, rows } = told;
  const ids = rows.map(idIn).filter(id => id !== undefined);
  await noteShown(cli, reach, ids);
  const names = await peerNames(reach, rows);
  const lines = () => tableOf(what, rows, { names, time, width: terminal.width });
  const none = options.all ? `no ${what} then` : `no ${what} then; see also --all`;
  if (terminal.format === 'people') terminal.say(asOf(told));
  await terminal.many(nameIds(rows, names), lines, none, { position, time });
}

function asOf({ position, time }: Told): string {
  if (position === 0) return 'before the first event of the log';
  return `as of ${stamp(time)}, position ${position}`;
}

/** The pages of one moment: all of them at the position that the first one tells. */
async function rowsAt(reach: Reach, moment: Moment, view: LiveView, where: Where): Promise<Told> {
  const asked = { view, ...(Object.keys(where).length > 0 && { where }) };
  let page = await reach.look('view.at', { ...asked, ...moment });
  const { position, time } = page;
  const rows = page.rows.map(([, row]) => row);
  while (page.next !== undefined) {
    page = await reach.look('view.at', { ...asked, position, after: page.next });
    rows.push(...page.rows.map(([, row]) => row));
  }
  return { position, time, rows };
}

/** Of a cursor the last event before it: it stands between two. */
async function momentOf(reach: Reach, found: LogPlace): Promise<Moment> {
  if (typeof found === 'object') return found;
  if (found === 'start') return { position: 0 };
  if (found === 'now') return { time: Math.floor(brokerTime.now()) };
  return { position: (await eventAt(reach, found, true))?.position ?? 0 };
}

/** What the verbs that list it now leave out, too. */
async function usual(cli: Cli, reach: Reach, view: LiveView): Promise<Where> {
  switch (view) {
    case 'peers':
      return { status: ['online', 'busy'] };
    case 'asks':
      return { state: 'open' };
    case 'jobs':
      return { state: [...OPEN] };
    case 'schedules':
      return { state: ['active', 'paused'] };
    case 'inbox':
    case 'reviews': {
      const peer = await knownSelf(cli, reach);
      return peer === undefined ? {} : { peer };
    }
    case 'tokens':
    case 'usage':
    case 'counts':
    case 'gateways':
      return {};
  }
}

/** Several values of one column are alternatives. */
async function whereOf(
  cli: Cli,
  reach: Reach,
  view: LiveView,
  given: readonly string[],
): Promise<Where> {
  const where: Record<string, (string | number | boolean)[]> = {};
  if (given.length === 0) return where;
  // Loaded late: the schemas take longer to load than the call takes.
  const { columnsOf } = await import('../../schemas/view.js');
  for (const text of given) {
    const [, column, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    const kind = columnsOf(view).get(column ?? '')?.is;
    if (column === undefined || value === undefined || kind === undefined) {
      const known = [...columnsOf(view).keys()].join(', ');
      throw new Failure('usage', `${oneLine(text, 64)} names no column of ${view}`, {
        hint: `write --where column=value; the columns: ${known}`,
      });
    }
    const cell = cellOf(value, kind);
    const meant = typeof cell === 'string' ? await orMe(cli, reach, cell) : cell;
    where[column] = [...(where[column] ?? []), meant];
  }
  return where;
}

function cellOf(value: string, kind: string): string | number | boolean {
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (kind === 'boolean' && /^(true|false)$/.test(value)) return value === 'true';
  return value;
}
