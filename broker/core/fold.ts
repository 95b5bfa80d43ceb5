// The fold: each commit of the log, in order, through every view; it never throws on bad bytes.
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { Change } from './change.js';
import { decodeCommit, type OwnCommit } from './commits/commit-bytes.js';
import { rollDigest } from './commits/hash-chain.js';
import { logTime } from './commits/log-time.js';
import { Levels, Marks, Voids, ZERO_DIGEST } from './commits/marks.js';
import { CommitRecord } from './commits/record.js';
import { expireItems } from './inbox/rules.js';
import { holdsFrom, isKnownIn, LEVEL } from './levels.js';
import type { Remembered } from './rows/command-ids.js';
import { fromSnapshot, type TableSnapshot, toSnapshot } from './rows/snapshot.js';
import { emptyTable, type Table } from './rows/table.js';
import { applyEvent, idObjection, objectionTo, voidReason } from './rules.js';
import type { Fact } from './shared/view.js';
import { isBrokerType } from './tokens/authority.js';
import { noteTime, noteWatched } from './watches/causes.js';
import type { Delivery, FoldedCommit, FoldedRecord } from './words.js';

/** The history cannot be what it claims to be: nothing after this point may be served. */
export class BrokenHistory extends Error {}

/** A fold without its table, as plain data. */
export interface FoldStanding {
  sequence: number;
  digest: Uint8Array;
  events: number;
  malformed: number;
  marks: Marks['rows'];
  voids: { positions: number[]; reasons: string[] };
  levels: Levels['rows'];
}

export interface FoldSnapshot extends FoldStanding {
  table: TableSnapshot;
}

/**
 * The state as a fold of the log: no clock and no chance, so that brokers which folded the same
 * commits are equal. Commits come one by one, from 1 or after the snapshot.
 * https://martinfowler.com/eaaDev/EventSourcing.html
 */
export class Fold {
  table: Table;
  sequence = 0;
  digest = ZERO_DIGEST;
  readonly marks = new Marks();
  readonly voids = new Voids();
  readonly levels = new Levels();
  /** Commits and events that were not what we know; counted, reported, never fatal. */
  malformed = 0;
  /** All that the log holds so far, voids and malformed ones included. */
  events = 0;
  /** The latest of log time and both clocks of the commit being folded. */
  #latest = 0;

  constructor(commandIds?: number) {
    this.table = emptyTable(commandIds);
  }

  /**
   * Folds the next commit. `own` is the commit as this broker made it: it is not decoded again.
   * Throws BrokenHistory on a hole, a step back, or a level this code does not know.
   */
  commit({ sequence, storedAt, bytes }: Delivery, own?: OwnCommit): FoldedCommit {
    if (sequence !== this.sequence + 1) {
      throw new BrokenHistory(`commit ${sequence} came after commit ${this.sequence}`);
    }
    this.sequence = sequence;
    this.digest = rollDigest(this.digest, bytes);
    const commit = own?.commit ?? decodeCommit(bytes);
    const { table } = this;
    table.time = logTime(table.log.level, table.time, storedAt, commit);
    const changes: Change[] = [];
    expireItems(table, changes);
    if (table.watches.live.size > 0) noteTime(table, changes);
    const records: FoldedRecord[] = [];
    if (commit === undefined) this.malformed++;
    else {
      this.events += commit.events.length;
      const isNew = table.gateways.heard(commit.boot, commit.number, table.time);
      this.#latest = Math.max(table.time, commit.clock, storedAt);
      commit.events.forEach((mark, i) => {
        const position = sequence * limits.commit_positions + i;
        records.push(this.#record(new CommitRecord(position, mark, own?.events[i]), isNew));
      });
      // A boot counts its commits from the one that announced it.
      if (isNew) table.gateways.heard(commit.boot, commit.number, table.time);
    }
    if (table.log.level >= 3) table.checkpoints.note(sequence, table.time, this.digest);
    this.levels.note(sequence, table.log.level);
    this.marks.note({ sequence, time: table.time, digest: this.digest });
    return { sequence, time: table.time, digest: this.digest, bytes, records, changes };
  }

  #record(record: CommitRecord, isNew: boolean): CommitRecord {
    const { event } = record;
    if (event === undefined || !isKnownIn(this.table, event)) {
      this.malformed++;
      record.void = 'malformed';
    } else {
      const reason = isNew ? this.#judge(event, record) : 'duplicate';
      if (reason !== undefined) record.void = reason;
    }
    if (record.void !== undefined) this.voids.note(record.position, record.void);
    return record;
  }

  /** Applies the event or says why not. */
  #judge(event: SignalEvent, record: FoldedRecord): string | undefined {
    const { table } = this;
    const fact: Fact = { event, position: record.position, time: table.time };
    const isCommand = !isBrokerType(event.type);
    // A repeat leaves the first answer standing; an id from the future must not be remembered,
    // or it would make stale, once forgotten, whatever its author says until then.
    const repeated = isCommand ? this.#idObjection(event) : undefined;
    if (repeated !== undefined) {
      // Below level 3 who repeats itself was not heard by that.
      if (holdsFrom(3, table)) this.#spoke(fact, record);
      return voidReason(repeated);
    }
    const objection = objectionTo(table, fact);
    const reason = objection === undefined ? undefined : voidReason(objection);
    if (reason === undefined) {
      record.receipt = applyEvent(table, fact, record.changes);
      assertLevel(table.log.level);
    }
    if (isCommand) table.commands.add(event.id, rememberedAs(event, record, reason));
    if (holdsFrom(3, table)) this.#spoke(fact, record);
    else table.peers.heard(event.by, table.time);
    return reason;
  }

  /** The author was heard, and what the event changed may be what some watch waits for. */
  #spoke(fact: Fact, { changes }: FoldedRecord): void {
    const { table } = this;
    table.peers.spoke(fact.event.by, table.time);
    if (table.watches.live.size > 0) noteWatched(table, fact, changes);
  }

  #idObjection({ id, by }: SignalEvent) {
    const { table } = this;
    return idObjection(table, id, by, holdsFrom(3, table) ? this.#latest : table.time);
  }

  toSnapshot(): FoldSnapshot {
    const { positions, reasons } = this.voids;
    return {
      sequence: this.sequence,
      digest: this.digest.slice(),
      events: this.events,
      malformed: this.malformed,
      table: toSnapshot(this.table),
      marks: [...this.marks.rows],
      voids: { positions: [...positions], reasons: [...reasons] },
      levels: [...this.levels.rows],
    };
  }

  static fromSnapshot(snapshot: FoldSnapshot, commandIds?: number): Fold {
    return Fold.restored(snapshot, fromSnapshot(snapshot.table, commandIds));
  }

  /** A fold that goes on from there; the table is its own from now on. */
  static restored(standing: FoldStanding, table: Table): Fold {
    const fold = new Fold(0);
    fold.table = table;
    fold.sequence = standing.sequence;
    fold.digest = standing.digest;
    fold.events = standing.events;
    fold.malformed = standing.malformed;
    const { marks, voids } = standing;
    // The first mark is that of the beginning, which every fold has.
    for (const mark of marks.slice(1)) fold.marks.rows.push(mark);
    for (const level of standing.levels) fold.levels.rows.push(level);
    voids.positions.forEach((position, i) => {
      fold.voids.note(position, voids.reasons[i]!);
    });
    return fold;
  }
}

function assertLevel(level: number): void {
  if (level <= LEVEL) return;
  throw new BrokenHistory(`the log has level ${level}, this broker knows ${LEVEL}; update it`);
}

function rememberedAs(
  { by, type }: SignalEvent,
  { position, receipt }: FoldedRecord,
  reason: string | undefined,
): Remembered {
  return { author: by, type, position, reason, receipt };
}
