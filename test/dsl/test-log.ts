// One log and one fold, fed by hand: commits of chosen events, boots, clocks and bytes.
import { type Commit, encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { Fold } from '../../broker/core/fold.js';
import type { Delivery, FoldedCommit, FoldedRecord } from '../../broker/core/words.js';
import { compact, pack } from '../../schemas/codec.js';
import type { SignalEvent } from '../../schemas/event.js';
import { BOOT, type Draft, T0, uuid } from './events.js';

/** Events that were given no id are numbered from here, clear of those that were. */
const FIRST_FREE_ID = 30_000;

export class Mesh {
  readonly fold: Fold;
  readonly log: Delivery[] = [];
  now = T0;
  private nextId = FIRST_FREE_ID;
  private readonly numbers = new Map<string, number>();

  constructor(commandIds?: number) {
    this.fold = new Fold(commandIds);
  }

  get table() {
    return this.fold.table;
  }

  stamp(draft: Draft): SignalEvent {
    return compact({ v: 1, id: uuid(this.nextId++), ...draft }) as unknown as SignalEvent;
  }

  /** The bytes of a commit: the next of its boot unless told otherwise. */
  encode(events: readonly SignalEvent[], more: Partial<Commit> = {}): Uint8Array {
    const boot = more.boot ?? BOOT;
    const number = more.number ?? (this.numbers.get(boot) ?? 0) + 1;
    this.numbers.set(boot, Math.max(number, this.numbers.get(boot) ?? 0));
    const marks = events.map(event => ({
      type: event.type,
      circles: [event.circle],
      bytes: pack(event),
    }));
    return encodeCommit({ boot, number, clock: this.now, events: marks, ...more });
  }

  /** Stores and folds the events as one commit. */
  say(...drafts: readonly Draft[]): FoldedCommit {
    return this.store(this.encode(drafts.map(draft => this.stamp(draft))));
  }

  /** Says one thing, and hands back what became of it. */
  one(draft: Draft): FoldedRecord {
    return this.say(draft).records[0]!;
  }

  store(bytes: Uint8Array, storedAt = this.now): FoldedCommit {
    const delivery = { sequence: this.log.length + 1, storedAt, bytes };
    this.log.push(delivery);
    return this.fold.commit(delivery);
  }
}
