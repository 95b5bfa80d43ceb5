// The peers this shell may see, which of them a name means, and what they are called.
import { limits } from '../../../schemas/limits.js';
import type { PeerRow } from '../../../schemas/peer.js';
import { allRows } from '../../sdk/pages.js';
import { refused } from '../../terminal/exit.js';
import { createNames, type Names, namesIn, peersIn } from '../../terminal/names.js';
import type { Cli } from '../cli.js';
import type { Reach } from './reach.js';

/** Peers of the circle given, or of every circle this shell may see; offline ones too. */
export function allPeers(reach: Reach, circle = '*'): Promise<PeerRow[]> {
  return allRows(at => reach.read('peer.list', { circle, offline: true, self: true, ...at }));
}

/**
 * The peer that a name or id means to who looks on with a token, which has no circle of its own.
 * Throws a Failure when there is none or several.
 */
export async function peerCalled(reach: Reach, called: string, circle?: string): Promise<string> {
  if (called.startsWith('peer_')) return called;
  const rows = (await allPeers(reach, circle)).filter(({ name }) => name === called);
  const living = rows.filter(({ status }) => status !== 'offline');
  const [found, ...others] = living.length > 0 ? living : rows;
  const hint = 'see who is there: signalbox peers --all';
  if (found === undefined) throw refused('peer_unknown', `there is no peer ${called}`, hint);
  if (others.length === 0) return found.peer;
  const lines = [found, ...others].map(row => `${row.peer}  ${row.circle}  ${row.status}`);
  throw refused('peer_ambiguous', `several peers are called ${called}`, lines.join('\n  '));
}

/** The id of this shell's peer as far as it is known here, without asking anybody. */
export async function knownSelf(cli: Cli, reach: Reach): Promise<string | undefined> {
  return 'agent' in cli.who ? cli.who.agent : (await reach.person())?.peer;
}

/** What `me` stands for where a peer is named; anything else is left as it is. */
export async function orMe(cli: Cli, reach: Reach, called: string): Promise<string> {
  if (called !== 'me') return called;
  const peer = await knownSelf(cli, reach);
  if (peer !== undefined) return peer;
  throw await reach.absence();
}

/** Learns who is told of but in no list any more, as peers that have left. */
export async function learnDeparted(reach: Reach, names: Names, told: unknown): Promise<void> {
  const unknown = [...new Set(peersIn(told))].filter(id => names.known(id) === undefined);
  for (let at = 0; at < unknown.length; at += limits.list_items) {
    const peers = unknown.slice(at, at + limits.list_items);
    const asked = reach.read('peer.list', { peers, max: limits.list_items });
    names.add((await asked.catch(() => ({ rows: [] }))).rows);
  }
}

/**
 * Names for what is shown, those that it tells itself among them; without them ids are shown,
 * which is no reason to fail.
 */
export async function peerNames(reach: Reach, told?: unknown): Promise<Names> {
  const peers = await allPeers(reach).catch(() => []);
  return createNames([...namesIn(told), ...peers]);
}
