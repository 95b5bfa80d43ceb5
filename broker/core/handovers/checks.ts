// What stands against a handover: who is still there, who may not take over, who came first.
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import type { PeerState } from '../rows/peers.js';
import { covers, rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection } from '../shared/view.js';
import { circlesOf, hasDuties } from './duties.js';
import { holderAfter } from './handed.js';

type HandedOver = Fact<'orchestrator.handed_over'>;

interface Sides {
  former: PeerState;
  heir: PeerState;
}

/**
 * `peer_unknown`, `peer_retired`, `invalid` for roles that take no part, `not_yours` for an author
 * that may not, `circle_forbidden`, `handed_over`, `orchestrator_live` or `orchestrator_away`. It
 * guards against mistakes: a role is what a peer says of itself; rights are the tokens' alone.
 */
export function handoverObjection(table: Table, fact: HandedOver): Objection {
  const { of, to } = fact.event;
  const former = table.peers.rows.get(of);
  const heir = table.peers.rows.get(to);
  if (former === undefined || heir === undefined) {
    const who = former === undefined ? of : to;
    return refuse('peer_unknown', `There is no ${who}; see peer.list.`);
  }
  const sides = { former, heir };
  return (
    roleObjection(sides) ??
    authorObjection(table, fact, sides) ??
    circleObjection(table, fact, sides) ??
    takenObjection(table, fact, sides) ??
    presenceObjection(table, fact, sides)
  );
}

function roleObjection({ former, heir }: Sides): Objection {
  if (former === heir) {
    return refuse('invalid', 'Nobody takes over from itself; name another as from or to.');
  }
  for (const { retired, name } of [former, heir]) {
    if (retired === undefined) continue;
    return refuse('peer_retired', `${name} has left, and its asks ended with it; see peer.list.`);
  }
  if (former.role !== 'orchestrator') {
    return refuse('invalid', `${former.name} is no orchestrator: only one of these hands over.`);
  }
  return heir.role === 'orchestrator' || heir.role === 'human'
    ? undefined
    : refuse(
        'invalid',
        `${heir.name} must have joined as an orchestrator or a human to take over.`,
      );
}

function authorObjection(table: Table, { event }: HandedOver, { former }: Sides): Objection {
  const role = table.peers.rows.get(event.by)?.role;
  if (event.force === true && role !== 'human') {
    return refuse('not_yours', 'Only a human may force a handover; leave force out.');
  }
  if (event.by === former.peer || role === 'orchestrator' || role === 'human') return undefined;
  return refuse('not_yours', 'Only an orchestrator or a human may take over, or hand over.');
}

/** Who takes over must be able to speak where the former did, as must who says so. */
function circleObjection(table: Table, { event, time }: HandedOver, sides: Sides): Objection {
  const { former, heir } = sides;
  const author = rights(table, event.token ?? '', time);
  if (author === undefined || !covers(author, former.circle) || !covers(author, heir.circle)) {
    const both = `"${former.circle}" and "${heir.circle}"`;
    return refuse('circle_forbidden', `Your token must cover the circles of both: ${both}.`);
  }
  const held = rights(table, heir.token, time);
  for (const circle of new Set([former.circle, ...circlesOf(table, former.peer)])) {
    if (held !== undefined && covers(held, circle)) continue;
    const advice = `its things reach into "${circle}", which the token of ${heir.name} must cover`;
    return refuse('circle_forbidden', `${heir.name} cannot go on for it: ${advice}.`);
  }
  return undefined;
}

/**
 * Until the former peer speaks again, what comes for it is its successor's. Who takes over when
 * there is nothing left to take is told who has it.
 */
function takenObjection(table: Table, { event: { to } }: HandedOver, { former }: Sides): Objection {
  const { handed, name } = former;
  if (handed === undefined) return undefined;
  const hasActed = former.boots.length > 0 || (table.peers.actedAt(former) ?? 0) > handed.at;
  const peer = holderAfter(table, former.peer);
  if (hasDuties(table, former.peer) && (hasActed || peer === to)) return undefined;
  const holder = table.peers.rows.get(peer)?.name ?? peer;
  const words =
    peer === to
      ? `${holder} has taken over from ${name} already, and nothing has come for it since.`
      : `${holder} has taken over from ${name} already; take over from ${holder}, once it is away.`;
  return refuse('handed_over', words, { peer, name: holder, at: handed.at });
}

function presenceObjection(table: Table, { event, time }: HandedOver, sides: Sides): Objection {
  const { by, force = false } = event;
  const { former, heir } = sides;
  const { peers } = table;
  if (by !== heir.peer && peers.statusAt(heir, time) === 'offline') {
    return refuse('orchestrator_away', `${heir.name} is offline; hand over to who is there.`);
  }
  if (by === former.peer || force || peers.statusAt(former, time) === 'offline') return undefined;
  const isConnected = former.boots.length > 0;
  const seen = peers.lastSeen(former, table.gateways);
  const why = isConnected ? 'is connected' : 'has just spoken';
  const retry_after_s = Math.ceil((seen + GONE_MS - time) / 1_000);
  const when = isConnected ? 'until it is away' : `${retry_after_s} s in which it is silent`;
  const advice = `let it hand over itself, wait ${when}, or have a human force it`;
  return refuse('orchestrator_live', `${former.name} ${why}; ${advice}.`, {
    peer: former.peer,
    ...(!isConnected && { retry_after_s }),
  });
}

const GONE_MS = limits.post_presence_ms;
