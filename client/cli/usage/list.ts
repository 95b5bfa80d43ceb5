// The verb usage list: tokens and cost of each peer, in all or day by day, and the budgets.
import { Option } from 'commander';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import type { BudgetRow, UsageRow } from '../../../schemas/usage.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import { age } from '../../terminal/times.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples, wholeNumber } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { peerCalled, peerNames } from '../reach/peers.js';

interface Options {
  by?: 'peer' | 'day';
  peer?: string;
  days?: number;
}

type Answer = Result<'usage.list'>;

const MODELS_CHARS = 80;
const CENTS = 2;

export const list: CliVerb = (group, act) => {
  group
    .command('list', { isDefault: true })
    .description('show tokens and cost, as the peers themselves report them')
    .addOption(
      new Option('--by <what>', 'each peer in all, or day by day').choices(['peer', 'day']),
    )
    .option('--peer <peer>', 'only this peer')
    .option('--days <count>', 'only this many days, counting today', wholeNumber)
    .addHelpText(
      'after',
      examples('signalbox usage', 'signalbox usage --by day --peer api --days 7 --json'),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const answer = await terminal.during('asking', read(cli, options));
  const names = await peerNames(await cli.reach(), answer);
  const { rows, ...more } = nameIds(answer, names);
  const told = () => lines(answer, names, terminal.width);
  await terminal.many(rows, told, 'nobody has reported any use yet', more);
}

/** All pages; the totals and budgets are those of the last. */
async function read(cli: Cli, { by, peer: called, days }: Options): Promise<Answer> {
  const { circle } = cli.options;
  const reach = await cli.reach();
  const peer = called && (await peerCalled(reach, called, circle));
  const filter = {
    ...(by && { by }),
    ...(days !== undefined && { days }),
    ...(peer && { peer }),
    ...(circle && { circle }),
  };
  const rows: UsageRow[] = [];
  let after: string | undefined;
  for (;;) {
    const page = { max: limits.list_items, ...(after !== undefined && { after }) };
    const answer = await reach.read('usage.list', { ...filter, ...page });
    rows.push(...answer.rows);
    if (answer.next === undefined) return { ...answer, rows };
    after = answer.next;
  }
}

function lines({ rows, total, budgets }: Answer, names: Names, width: number): string[] {
  if (rows.length === 0 && budgets.length === 0) return [];
  const turns = `${total.turns} ${total.turns === 1 ? 'turn' : 'turns'}`;
  const all = `${grouped(total.input_tokens)} in, ${grouped(total.output_tokens)} out`;
  return [
    ...columnLines(usageColumns(names, brokerTime.now()), rows, width),
    `in all: ${turns}, ${all}, ${dollars(total.cost_usd)}`,
    ...budgets.map(budget => budgetText(budget, names)),
  ];
}

/** The table of what was used, as told at a time in ms UTC. */
export function usageColumns(names: Names, now: number): Column<UsageRow>[] {
  return [
    { head: 'DAY', of: ({ day = '' }) => day, isOptional: true },
    { head: 'PEER', of: ({ name, peer }) => name ?? names.of(peer) },
    { head: 'CIRCLE', of: ({ circle }) => circle },
    { head: 'TURNS', of: ({ turns }) => `${turns}` },
    { head: 'IN', of: ({ input_tokens }) => grouped(input_tokens) },
    { head: 'OUT', of: ({ output_tokens }) => grouped(output_tokens) },
    { head: 'COST', of: ({ cost_usd }) => dollars(cost_usd) },
    { head: 'LIMITED', of: row => limitedText(row, now), isOptional: true },
    { head: 'MODELS', of: ({ models }) => oneLine(models.join(', '), MODELS_CHARS) },
  ];
}

function limitedText({ rate_limited, rate_limited_at }: UsageRow, now: number): string {
  if (rate_limited === 0) return '';
  return `${rate_limited}${rate_limited_at === undefined ? '' : `, ${age(rate_limited_at, now)}`}`;
}

/** What a budget allows, and what of it is used. */
export function budgetText(budget: BudgetRow, names: Names): string {
  const { peer, circle, tokens_per_day, cost_usd_per_day, tokens_today, cost_usd_today } = budget;
  const parts = [
    tokens_per_day === undefined
      ? ''
      : `${grouped(tokens_today)} of ${grouped(tokens_per_day)} tokens`,
    cost_usd_per_day === undefined
      ? ''
      : `${dollars(cost_usd_today)} of ${dollars(cost_usd_per_day)}`,
  ];
  const whose = peer === undefined ? `circle ${circle}` : names.of(peer);
  const said = parts.filter(part => part !== '').join(', ');
  return `budget of ${whose} today: ${said}${budget.spent ? ' – spent' : ''}`;
}

/** 1234567 as 1,234,567, whatever the locale. */
function grouped(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}

function dollars(amount: number): string {
  return `$${amount.toFixed(CENTS)}`;
}
