// Closing an ask, named by its short id or by the peer on its other side: reply, decline, cancel.
import type { Outcome } from '../../schemas/ask.js';
import type { Cli } from './cli.js';
import { Failure } from './exit.js';
import { findRef } from './reach/find.js';
import { allAsks, allPeers } from './reach/peers.js';
import type { Reach } from './reach/reach.js';
import { shortId } from './show/short-id.js';

export async function closeAsk(
  cli: Cli,
  typed: string,
  outcome: Outcome,
  text: string | undefined,
): Promise<void> {
  const reach = await cli.reach();
  const direction = outcome === 'cancelled' ? 'out' : 'in';
  const ask =
    (await askWith(reach, typed, direction)) ?? (await findRef(cli, reach, typed, ['ask']));
  const params = { ask, outcome, ...(text !== undefined && { text }) };
  const closed = await cli.terminal.during('closing', reach.speak('ask.close', params));
  await cli.terminal.one(closed, () => [`${outcome} ${shortId(ask)}`]);
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
  const ids = [ask, ...others].map(id => shortId(id, [ask, ...others]));
  throw new Failure('usage', `there are ${ids.length} open asks ${side} ${name}`, {
    hint: `name one of them: ${ids.join(' ')}`,
  });
}
