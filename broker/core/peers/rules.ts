// The rules of the peers: who joins under which name, connects, says what it does, and leaves.

import type { EventOf } from '../../../schemas/event.js';
import { turnStates } from '../../../schemas/events/peer.js';
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import { firstChars } from '../../../schemas/text-cut.js';
import type { Change } from '../change.js';
import { holdsFrom } from '../levels.js';
import { capabilitiesOf } from '../rows/capabilities.js';
import type { PeerState } from '../rows/peers.js';
import { rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection, View } from '../shared/view.js';

export const peersView = {
  check: {
    'peer.joined': joinObjection,
    'peer.killed': (table, { event }) => {
      const row = table.peers.rows.get(event.peer);
      if (row === undefined) return refuse('peer_unknown', `There is no ${event.peer}.`);
      return row.retired ? refuse('peer_retired', `${row.name} has left already.`) : undefined;
    },
    'peer.retired': (table, { event, time }) => {
      const row = table.peers.rows.get(event.peer);
      const at = row === undefined ? undefined : table.peers.goneAt(row);
      if (at === undefined) return 'stale';
      return time < at ? 'early' : undefined;
    },
    'peer.renamed': (table, { event }) => {
      const row = table.peers.rows.get(event.by);
      if (row === undefined || !holdsFrom(3, table)) return undefined;
      const holder = table.peers.holder(event.name, row.circle);
      return holder === undefined || holder === row ? undefined : nameTaken(holder);
    },
    'peer.turned': (_, { event }) =>
      turnStates.includes(event.state)
        ? undefined
        : refuse('invalid', 'state must be one of idle, working, awaiting_input.'),
    'peer.connected': (table, { event }) => {
      if (!table.gateways.rows.has(event.boot)) return 'boot_lost';
      const row = table.peers.rows.get(event.peer);
      if (row === undefined || row.retired !== undefined) return 'stale';
      return row.boots.includes(event.boot) ? 'duplicate' : undefined;
    },
    'peer.disconnected': (table, { event }) => {
      if (!table.gateways.rows.has(event.boot)) return 'boot_lost';
      return table.peers.rows.get(event.peer)?.boots.includes(event.boot) ? undefined : 'stale';
    },
  },
  apply: {
    'peer.joined': join,
    'peer.left': (table, fact, changes) => retire(table, fact.event.by, 'left', fact, changes),
    'peer.killed': (table, fact, changes) =>
      retire(table, fact.event.peer, 'killed', fact, changes),
    'peer.retired': (table, fact, changes) => retire(table, fact.event.peer, 'gone', fact, changes),
    'peer.renamed': (table, { event }, changes) => {
      const row = table.peers.draft(event.by);
      if (row === undefined) return;
      row.name = table.peers.freeName(event.name, row.circle, row.peer);
      put(table, row, changes);
    },
    'peer.described': (table, { event }, changes) => {
      const row = table.peers.draft(event.by);
      if (row === undefined) return;
      row.description = event.text;
      row.description_until = event.expires_at;
      put(table, row, changes);
    },
    'peer.turned': (table, { event, time }, changes) => {
      const row = table.peers.draft(event.by);
      if (row === undefined) return;
      row.turn = event.state;
      row.turn_text = event.text && firstChars(event.text, limits.turn_text_chars);
      row.turn_at = time;
      row.turn_is_old = undefined;
      tellCan(table, row, event);
      put(table, row, changes);
    },
    'peer.connected': (table, { event, time }, changes) => {
      const row = table.peers.draft(event.peer);
      if (row === undefined) return;
      table.peers.connect(row, [...row.boots, event.boot], 'disconnected', time);
      hand(row, changes);
    },
    'peer.disconnected': (table, { event, time }, changes) => {
      const row = table.peers.draft(event.peer);
      if (row === undefined) return;
      const others = row.boots.filter(boot => boot !== event.boot);
      table.peers.heard(row.peer, time);
      table.peers.connect(row, others, 'disconnected', time);
      hand(row, changes);
    },
  },
} satisfies View;

function nameTaken({ name, peer, circle }: PeerState): Objection {
  const message = `"${name}" is another peer’s name in circle "${circle}"; choose another.`;
  return refuse('not_yours', message, { peer });
}

function joinObjection(table: Table, { event, time }: Fact<'peer.joined'>): Objection {
  const held = rights(table, event.token ?? '', time);
  if (!held?.roles.includes(event.role)) {
    return refuse('forbidden', `The token does not allow the role "${event.role}".`);
  }
  const row = table.peers.rows.get(event.peer);
  if (row === undefined) return undefined;
  if (!table.peers.hasSecret(row.peer, event.secret_hash)) {
    return refuse('unauthorized', 'The secret is not that of this peer; leave both out to be new.');
  }
  if (row.circle !== event.circle) {
    return refuse('circle_forbidden', `This peer belongs to circle "${row.circle}".`);
  }
  return row.retired === 'killed'
    ? refuse('peer_retired', 'This peer was retired for good; join as a new one.')
    : undefined;
}

function join(table: Table, { event, time }: Fact<'peer.joined'>, changes: Change[]): void {
  const { peers } = table;
  const known = peers.draft(event.peer);
  const row = known ?? newcomer(event);
  const isBack = known === undefined || known.retired !== undefined;
  // Who joins begins anew: a turn of an earlier session says nothing of this one.
  Object.assign(row, profileOf(event), { role: event.role, turn_is_old: true });
  tellCan(table, row, event);
  if (isBack) {
    row.offline = undefined;
    row.retired = undefined;
    row.name = peers.freeName(row.name, row.circle);
  }
  const { secret_hash } = event;
  if (known === undefined) peers.add({ ...row, secret_hash, last_seen: time });
  // The event is its token's, but it is the peer that comes.
  if (holdsFrom(3, table)) peers.spoke(event.peer, time);
  else peers.heard(event.peer, time);
  peers.connect(row, bootsAfter(row, event.boot, table), 'never_connected', time);
  hand(row, changes);
}

/** The boots of one that joins through a boot; an ended one does not connect it. */
function bootsAfter({ boots }: PeerState, boot: string | undefined, table: Table): string[] {
  const connects = boot !== undefined && table.gateways.rows.has(boot) && !boots.includes(boot);
  return connects ? [...boots, boot] : boots;
}

function newcomer(event: EventOf<'peer.joined'>): PeerState {
  return {
    peer: event.peer,
    name: event.name,
    circle: event.circle,
    role: event.role,
    token: event.token ?? '',
    boots: [],
  };
}

/** What a join says of the peer anew, each time. */
function profileOf(event: EventOf<'peer.joined'>): Partial<PeerState> {
  const { runtime, model, project, path, machine, description, description_until } = event;
  const described = description === undefined ? {} : { description, description_until };
  return { runtime, model, project, path, machine, ...described };
}

/** Who says nothing of it can do what it said before. */
function tellCan(table: Table, row: PeerState, { can }: EventOf<'peer.joined' | 'peer.turned'>) {
  if (can !== undefined && holdsFrom(3, table)) row.can = capabilitiesOf(can);
}

function put(table: Table, row: PeerState, changes: Change[]): void {
  table.peers.put(row);
  hand(row, changes);
}

function hand(row: PeerState, changes: Change[]): void {
  changes.push({ view: 'peers', key: row.peer, row });
}

function retire(
  table: Table,
  peer: string,
  why: NonNullable<PeerState['retired']>,
  { time }: Fact,
  changes: Change[],
): void {
  const row = table.peers.draft(peer);
  if (row === undefined) return;
  // Nobody was heard of who is given up for having been away.
  if (why !== 'gone') table.peers.heard(peer, time);
  table.peers.retire(row, why, time);
  hand(row, changes);
}
