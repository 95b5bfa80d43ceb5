// The fold of the past: a history that was judged before is applied again, up to any event of it.
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { idTime } from '../../schemas/uuid.js';
import type { Change } from './change.js';
import { type Commit, decodeCommit, type EventMark } from './commits/commit-bytes.js';
import { logTime } from './commits/log-time.js';
import { CommitRecord } from './commits/record.js';
import { BrokenHistory } from './fold.js';
import { expireItems } from './inbox/rules.js';
import { holdsFrom, isKnownIn } from './levels.js';
import { fromKept, type KeptTable, toKept } from './rows/snapshot.js';
import { emptyTable, type Table } from './rows/table.js';
import { applyEvent } from './rules.js';
import type { Fact } from './shared/view.js';
import { isBrokerType } from './tokens/authority.js';
import { noteTime, noteWatched } from './watches/causes.js';
import type { Delivery } from './words.js';

/** Why an event took no effect, by its position; undefined when it did. */
export type ReasonOf = (position: number) => string | undefined;

/** The state at the end of a commit, from which any number of folds may go on. */
export interface PastState {
  sequence: number;
  rows: KeptTable;
}

/** Before the first commit. */
export const nothingYet: PastState = { sequence: 0, rows: toKept(emptyTable(1)) };

/**
 * The table as it was, but for what only judging needs (command ids, checkpoints). The verdicts are
 * given, so no check costs anything, and a state to go on from is small.
 * https://martinfowler.com/eaaDev/RetroactiveEvent.html
 */
export class PastFold {
  readonly table: Table;
  /** Up to and with which commit it is folded. */
  sequence: number;
  /** Up to and with which position; see `positionIn`. */
  position: number;
  readonly #reasonOf: ReasonOf;
  #isCut = false;

  constructor({ sequence, rows }: PastState, reasonOf: ReasonOf) {
    this.table = fromKept(rows);
    this.sequence = sequence;
    this.position = sequence * limits.commit_positions;
    this.#reasonOf = reasonOf;
  }

  /** Where it stands, to go on from. */
  state(): PastState {
    return PastFold.stateOf(this.sequence, this.table);
  }

  /** The state of any table at the end of a commit. */
  static stateOf(sequence: number, table: Table): PastState {
    return { sequence, rows: toKept(table) };
  }

  /**
   * Folds the next commit, or only what it held up to a position: nothing can follow that. How
   * many events that were. Throws BrokenHistory on a hole.
   */
  commit({ sequence, storedAt, bytes }: Delivery, upTo = Number.POSITIVE_INFINITY): number {
    if (sequence !== this.sequence + 1 || this.#isCut) {
      throw new BrokenHistory(`commit ${sequence} came after commit ${this.sequence}`);
    }
    const { table } = this;
    const commit = decodeCommit(bytes);
    this.sequence = sequence;
    table.time = logTime(table.log.level, table.time, storedAt, commit);
    const expired: Change[] = [];
    expireItems(table, expired);
    if (table.watches.live.size > 0) noteTime(table, expired);
    const first = sequence * limits.commit_positions;
    const count = Math.min(commit?.events.length ?? 0, upTo - first + 1);
    this.#isCut = count < (commit?.events.length ?? 0);
    this.position = first + Math.max(0, count - 1);
    if (commit !== undefined) this.#events(commit, first, count);
    return count;
  }

  #events({ boot, number, events }: Commit, first: number, count: number): void {
    const { table } = this;
    if (!table.gateways.heard(boot, number, table.time)) return;
    for (let i = 0; i < count; i++) this.#event(first + i, events[i]!);
    // A boot counts its commits from the one that announced it.
    table.gateways.heard(boot, number, table.time);
  }

  #event(position: number, mark: EventMark): void {
    const { table } = this;
    const { event } = new CommitRecord(position, mark);
    if (event === undefined || !isKnownIn(table, event)) return;
    const reason = this.#reasonOf(position);
    const fact: Fact = { event, position, time: table.time };
    const changes: Change[] = [];
    if (reason === undefined) applyEvent(table, fact, changes);
    if (holdsFrom(3, table)) {
      table.peers.spoke(event.by, table.time);
      if (table.watches.live.size > 0) noteWatched(table, fact, changes);
    } else if (!isRepeat(event, reason, table.time)) table.peers.heard(event.by, table.time);
  }
}

/** True when what stood against the event was its id, as far as its reason tells. */
function isRepeat(event: SignalEvent, reason: string | undefined, time: number): boolean {
  if (isBrokerType(event.type) || reason === undefined) return false;
  if (reason === 'duplicate' || reason === 'command_stale') return true;
  return reason === 'invalid' && idTime(event.id) > time + limits.clock_ahead_ms;
}
