// Validation of the events of a watch: words that make no sense, a fire that is not due.
import { hasKnownWords } from '../../../schemas/event.js';
import { conditionProblem } from '../../../schemas/events/watch.js';
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import { isCommandId, named } from '../../../schemas/uuid.js';
import { handedObjection } from '../handovers/handed.js';
import { covers, rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import { quietUntil, type WatchEntry } from '../rows/watches.js';
import type { Fact, Objection } from '../shared/view.js';
import { obstacleTo } from './firing.js';

type Created = Fact<'watch.created'>['event'];

/**
 * `malformed`, `invalid` for an id that is taken, an ask of oneself or words to the very peer that
 * is watched, `peer_unknown`, `peer_retired`, `ask_closed` or `job_state` for what has ended, or
 * `inbox_full` for too many live watches.
 */
export function createdObjection(table: Table, { event }: Fact<'watch.created'>): Objection {
  if (!isWellMade(event)) return 'malformed';
  const { watch, by, to, peer } = event;
  if (table.watches.get(watch) !== undefined) {
    return refuse('invalid', `There is a ${watch} already; make a new uuid v7.`);
  }
  const recipient = table.peers.rows.get(to);
  if (recipient === undefined) return refuse('peer_unknown', `There is no ${to}; see peer.list.`);
  if (recipient.retired !== undefined) {
    const message = `${recipient.name} has left; see peer.list for who is here.`;
    return refuse('peer_retired', message);
  }
  if (peer !== undefined && table.peers.rows.get(peer)?.retired === 'killed') {
    return refuse('peer_retired', 'That peer was retired for good; there is nothing to wait for.');
  }
  if (event.tell === 'ask' && by === to) {
    return refuse('invalid', 'A peer cannot ask itself; name another in `to`, or use notify.');
  }
  if (peer === to && (event.when === 'peer.offline' || event.queue === 'inbox')) {
    const why = event.queue === 'inbox' ? 'it would fill its own inbox' : 'it would not be there';
    return refuse(
      'invalid',
      `Who is watched cannot be who is told: ${why}; name another in \`to\`.`,
    );
  }
  // It may have ended while this was on its way.
  const asked = table.asks.get(event.ask ?? '');
  if (asked?.state === 'closed') {
    return refuse('ask_closed', `This ask is closed already (${asked.outcome}).`);
  }
  const job = table.jobs.ended.get(event.job ?? '');
  if (job !== undefined) {
    return refuse('job_state', `${job.job} has ended (${job.state}).`, { state: job.state });
  }
  if (!table.watches.isFull(by, event.circle)) return undefined;
  return refuse('inbox_full', 'There are too many live watches; cancel some of yours first.', {
    retry_after_s: 60,
  });
}

/** What the door lets nobody say; a log may hold anything. */
function isWellMade(event: Created): boolean {
  const { for_s, age_s, depth, percent, tokens, cost_usd, quiet_s, until, text = '' } = event;
  // Resolved by the door, it stands where a name would have.
  const owner = event.when === 'job.silent' && event.kind === undefined ? event.owner : undefined;
  return (
    hasKnownWords(event) &&
    conditionProblem({ ...event, owner, circle: undefined }) === undefined &&
    isWithin(for_s, 1, limits.watch_wait_s) &&
    isWithin(age_s, 1, limits.watch_wait_s) &&
    isWithin(depth, 0, limits.watch_depth_items) &&
    isWithin(quiet_s, 1, limits.watch_quiet_max_s) &&
    isWithin(tokens, 1, Number.MAX_SAFE_INTEGER) &&
    isWithin(until, 0, Number.MAX_SAFE_INTEGER) &&
    (percent === undefined || (percent > 0 && percent <= 1_000)) &&
    (cost_usd === undefined ||
      (cost_usd >= limits.watch_cost_usd && cost_usd <= limits.budget_usd)) &&
    text.length <= limits.watch_text_bytes &&
    isResolved(event)
  );
}

/** Each of what it needs is there, as the door resolves it. */
function isResolved({ when, queue, peer, in_circle, kind, owner, job }: Created): boolean {
  switch (when) {
    case 'peer.offline':
      return peer !== undefined;
    case 'ask.older_than':
      return true;
    case 'job.silent':
      return job !== undefined || (kind === undefined ? owner : in_circle) !== undefined;
    case 'queue.deeper_than':
      return queue === 'inbox'
        ? peer !== undefined && kind === undefined
        : queue !== undefined && in_circle !== undefined && peer === undefined;
    case 'budget.above':
      return (peer ?? in_circle) !== undefined;
  }
}

function isWithin(value: number | undefined, min: number, max: number): boolean {
  return value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max);
}

/**
 * `watch_unknown` for one that is not there or has ended; `not_yours` unless the peer made it, or
 * is an orchestrator or a human whose token reaches its circle.
 */
export function cancelledObjection(
  table: Table,
  { event, time }: Fact<'watch.cancelled'>,
): Objection {
  const { watch, by, token = '' } = event;
  const row = table.watches.get(watch);
  if (row === undefined) {
    return refuse('watch_unknown', `There is no ${watch} you may see; see watch.list.`);
  }
  const handed =
    by === row.by ? undefined : handedObjection(table, by, row, [row.by], 'This watch');
  if (handed !== undefined) return handed;
  const held = rights(table, token, time);
  const isOverseer = overseers.includes(table.peers.rows.get(by)?.role ?? '');
  if (by !== row.by && !(isOverseer && held !== undefined && covers(held, row.circle))) {
    return refuse('not_yours', 'Only who made this watch, an orchestrator or a human may end it.');
  }
  if (row.state === 'active') return undefined;
  return refuse('watch_unknown', `This watch has ended (${row.ended}); make another.`, {
    state: row.state,
  });
}

const overseers = ['orchestrator', 'human'];

/**
 * `stale` unless it is the very next fire of a live watch, each cause that it names has yet to
 * fire, and what stands in its way is what it says (its fence); `early`, `malformed` or
 * `duplicate`. https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */
export function firedObjection(table: Table, { event, time }: Fact<'watch.fired'>): Objection {
  const entry = table.watches.live.get(event.watch);
  if (entry === undefined || event.number !== entry.row.fired + 1) return 'stale';
  const { about, up_to, circle, id } = event;
  const isMade = about.length > 0 && about.length <= limits.watch_about_items;
  if (!isMade || circle !== entry.row.circle || !Number.isSafeInteger(up_to) || !isCommandId(id)) {
    return 'malformed';
  }
  if (time < up_to || time < quietUntil(entry.row)) return 'early';
  if (up_to > (entry.row.until ?? Number.POSITIVE_INFINITY)) return 'stale';
  const late = about.map(subject => entry.pending.at(subject));
  if (late.includes(undefined)) return 'stale';
  if (late.some(at => at !== undefined && at > up_to)) return 'early';
  return saidObjection(table, entry, event, time);
}

function saidObjection(
  table: Table,
  entry: WatchEntry,
  { id, unsaid }: Fact<'watch.fired'>['event'],
  time: number,
): Objection {
  const { asks, messages } = table;
  const isSaid =
    asks.get(named('ask', id)) !== undefined || messages.get(named('msg', id)) !== undefined;
  if (isSaid) return 'duplicate';
  return obstacleTo(table, entry.row, time) === unsaid ? undefined : 'stale';
}
