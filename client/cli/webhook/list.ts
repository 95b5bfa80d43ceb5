// The verbs webhook list and show: who is told of what, how far that is, and what fails.
import type { WebhookRow } from '../../../schemas/webhook.js';
import { allRows } from '../../sdk/pages.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { factLines } from '../../terminal/facts.js';
import { spaced } from '../../terminal/refusal-text.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { age } from '../../terminal/times.js';
import { localZone, whenText } from '../../terminal/when.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { findRef, noteShown } from '../reach/find.js';

const URL_CHARS = 120;

export const list: CliVerb = (group, act) => {
  group
    .command('list')
    .description('list the webhooks, how far each is, and what fails')
    .addHelpText('after', examples('signalbox webhook list --json'))
    .action(act(listAll));
};

export const show: CliVerb = (group, act) => {
  group
    .command('show')
    .description('show a webhook in full')
    .argument('<webhook>', 'its id as shown, or enough of it')
    .addHelpText('after', examples('signalbox webhook show 3fa2c1'))
    .action(act(showOne));
};

async function listAll(cli: Cli): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const rows = await terminal.during(
    'asking',
    allRows(at => reach.read('webhook.list', at)),
  );
  const ids = rows.map(row => row.webhook);
  await noteShown(cli, reach, ids);
  const lines = () => columnLines(columns(ids, brokerTime.now()), rows, terminal.width);
  await terminal.many(rows, lines, 'no webhooks');
}

function columns(ids: readonly string[], now: number): Column<WebhookRow>[] {
  return [
    { head: 'WEBHOOK', of: ({ webhook }) => shortId(webhook, ids) },
    { head: 'STATE', of: stateOf },
    { head: 'TOLD', of: ({ delivered }) => `${delivered}` },
    { head: 'LAST', of: row => (row.delivered_at ? age(row.delivered_at, now) : '') },
    { head: 'DEAD', of: ({ dead }) => (dead === 0 ? '' : `${dead}`), isOptional: true },
    { head: 'FAILING', of: row => failingOf(row, now) ?? '', isOptional: true },
    { head: 'OF', of: whatOf },
    { head: 'URL', of: ({ url }) => oneLine(url, URL_CHARS) },
  ];
}

function stateOf({ state, reason, boot }: WebhookRow): string {
  if (state === 'active' && boot === undefined) return 'nobody delivers';
  return reason === undefined ? state : `${state}: ${reason}`;
}

function whatOf({ types = [], kinds = [], circles }: WebhookRow): string {
  const what = [...kinds, ...types].join(',') || 'everything';
  return circles.includes('*') ? what : `${what} in ${circles.join(',')}`;
}

function failingOf({ failing }: WebhookRow, now: number): string | undefined {
  if (failing === undefined) return undefined;
  const { reason, status, attempt, next_at } = failing;
  const why = `${spaced(reason)}${status === undefined ? '' : ` ${status}`}`;
  return `${why}, attempt ${attempt}, next ${whenText(next_at, now, localZone())}`;
}

async function showOne(cli: Cli, typed: string): Promise<void> {
  const reach = await cli.reach();
  const webhook = await findRef(cli, reach, typed, ['webhook']);
  const call = reach.read('webhook.get', { webhook });
  const row = await cli.terminal.during('asking', call);
  const now = brokerTime.now();
  const { rotating_until: until, delivered_at: last } = row;
  await cli.terminal.one(row, () =>
    factLines([
      ['webhook', row.webhook],
      ['state', stateOf(row)],
      ['url', oneLine(row.url, URL_CHARS)],
      ['of', whatOf(row)],
      ['private', row.allow_private],
      ['told', `${row.delivered} events${last === undefined ? '' : `, ${age(last, now)}`}`],
      ['up to', `position ${row.up_to}`],
      ['failing', failingOf(row, now)],
      ['dead', row.dead === 0 ? undefined : `${row.dead} letters`],
      [
        'two secrets',
        until === undefined ? undefined : `until ${whenText(until, now, localZone())}`,
      ],
      ['broker', row.boot],
      ['added', `by ${row.by_name ?? row.by}, ${age(row.created_at, now)}`],
    ]),
  );
  if (row.state === 'active' && row.boot === undefined) {
    cli.terminal.hint('no broker holds its secret: signalbox webhook entrust, or rotate');
  }
}
