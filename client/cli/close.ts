// Closing an ask, named by its short id or by the peer on its other side: reply, decline, cancel.
import type { Outcome, Thread } from '../../schemas/ask.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';
import { shortId } from '../terminal/short-id.js';
import { age } from '../terminal/times.js';
import type { Cli } from './cli.js';
import { brokerTime } from './reach/calls.js';
import { findRef } from './reach/find.js';
import { allAsks } from './reach/lists.js';
import { allPeers } from './reach/peers.js';
import type { Reach } from './reach/reach.js';

const TEXT_CHARS = 60;

/** How an ask is closed. */
export interface Closing {
  outcome: Outcome;
  text?: string;
  option?: string;
}

/** Closes the ask that was typed. A Failure when none or several are meant. */
export async function closeAsk(cli: Cli, typed: string, closing: Closing): Promise<void> {
  const reach = await cli.reach();
  const direction = closing.outcome === 'cancelled' ? 'out' : 'in';
  await closeFound(cli, reach, await findAsk(cli, reach, typed, direction), closing);
}

/** The whole id of an ask made to you (`in`) or by you (`out`), as it was typed. */
export async function findAsk(
  cli: Cli,
  reach: Reach,
  typed: string,
  direction: 'in' | 'out',
): Promise<string> {
  return (await askWith(reach, typed, direction)) ?? (await findRef(cli, reach, typed, ['ask']));
}

/** Closes an ask by its whole id. */
export async function closeFound(
  cli: Cli,
  reach: Reach,
  ask: string,
  closing: Closing,
): Promise<void> {
  const params = { ask, ...closing };
  // Who has not joined has asked nothing that could be taken back.
  const call = closing.outcome === 'cancelled' ? reach.own : reach.speak;
  const closed = await cli.terminal.during('closing', call('ask.close', params));
  const chosen = closing.option === undefined ? '' : `: ${closing.option}`;
  await cli.terminal.one(closed, () => [`${closing.outcome} ${shortId(ask)}${chosen}`]);
}

function askLine({ ask, opened_at, text }: Thread, among: readonly string[], now: number): string {
  return `${shortId(ask, among)}  ${age(opened_at, now)}  ${oneLine(text, TEXT_CHARS)}`;
}

/** The one open ask from (`in`) or to (`out`) the peer so named; undefined when no peer is. */
async function askWith(
  reach: Reach,
  name: string,
  direction: 'in' | 'out',
): Promise<string | undefined> {
  const named = (await allPeers(reach)).filter(row => row.name === name).map(row => row.peer);
  if (named.length === 0) return undefined;
  const open = await allAsks(reach, { direction, state: 'open' });
  const asks = open.filter(({ from, to }) => named.includes(direction === 'in' ? from : to));
  const [ask, ...others] = asks.map(thread => thread.ask);
  if (ask !== undefined && others.length === 0) return ask;
  const side = direction === 'in' ? 'from' : 'to';
  if (ask === undefined) {
    throw new Failure('unknown', `there is no open ask ${side} ${name}`, {
      hint: 'see what there is: signalbox asks',
    });
  }
  const ids = asks.map(thread => thread.ask);
  const lines = asks.map(thread => askLine(thread, ids, brokerTime.now()));
  throw new Failure('usage', `there are ${ids.length} open asks ${side} ${name}`, {
    hint: ['name one of them by its id:', ...lines].join('\n  '),
  });
}
