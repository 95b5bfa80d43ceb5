// Tracing of one ask or message: its stages, read off the folded commits as they pass.

import type { SignalEvent } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Stage } from '../../../schemas/message.js';
import { type Change, rowsIn } from '../change.js';
import type { AskRow } from '../rows/asks.js';
import type { Item } from '../rows/inbox.js';
import type { FoldedCommit, FoldedRecord } from '../words.js';

type Note = (stage: Stage['stage'], by: string) => void;

/**
 * Collects what became of one ask or message. It must be given every commit from the one that sent
 * it on, in log order. https://en.wikipedia.org/wiki/Tracing_(software)
 */
export class Trace {
  readonly stages: Stage[] = [];
  /** Where it was sent; empty while it has not been seen in the log. */
  circle = '';
  readonly #ref: string;
  /** The keys of the inbox items that carry it, and whether its peer has been offered each. */
  readonly #held = new Map<string, boolean>();

  constructor(ref: string) {
    this.#ref = ref;
  }

  get found(): { circle: string; stages: Stage[] } {
    return { circle: this.circle, stages: this.stages };
  }

  commit({ sequence, time, records, changes }: FoldedCommit): void {
    const position = sequence * limits.commit_positions;
    for (const { key } of changes) {
      if (!this.#held.delete(key)) continue;
      this.stages.push({ stage: 'expired', position, time, by: ownerOf(key) });
    }
    for (const record of records) if (record.void === undefined) this.#record(record, time);
  }

  #record(record: FoldedRecord, time: number): void {
    const { event, position, changes } = record;
    if (event === undefined) return;
    const note: Note = (stage, by) => {
      // Mail that is handed over and back again is offered to who had it once.
      const isAgain =
        stage === 'offered' && this.stages.some(s => s.stage === stage && s.by === by);
      if (!isAgain) this.stages.push({ stage, position, time, by });
    };
    this.#accept(record, note);
    this.#offerTo(whoIsBack(event), note);
    const isSent = event.type === 'message.notified' && event.message === this.#ref;
    let isRetracted = false;
    const left = [...this.#follow(record, note)];
    if (event.type === 'orchestrator.handed_over') {
      if (left.length > 0 || threadIn(changes, this.#ref) !== undefined) note('moved', event.to);
      return;
    }
    for (const peer of left) {
      if (event.type.startsWith('message.')) isRetracted = true;
      else if (event.by === peer && event.type !== 'peer.left') note('seen', peer);
    }
    if (isRetracted) note('retracted', event.by);
    // In nobody's inbox from the first: it was not to wait, and its peer was away.
    if (isSent && this.#held.size === 0) note('dropped', event.to);
    const thread = threadIn(changes, this.#ref);
    if (thread?.state !== 'closed') return;
    // Nobody closed what its deadline did; it is for whom it was there that it expired.
    if (event.type === 'ask.expired') note('expired', thread.to);
    else note('closed', event.by);
  }

  /** A thread is its own, whatever opened it; one of a fan-out has the circle of its recipient. */
  #accept({ event, changes }: FoldedRecord, note: Note): void {
    const thread = threadIn(changes, this.#ref);
    // A thread that is taken over is open, too, but not opened.
    if (event?.type === 'orchestrator.handed_over') return;
    if (thread?.state === 'open') {
      this.circle = thread.circle;
      note('accepted', thread.from);
    } else if (event !== undefined && sends(event, this.#ref)) {
      this.circle = event.circle;
      note('accepted', event.by);
    } else if (event?.type === 'schedule.fired' || event?.type === 'watch.fired') {
      const item = itemIn(changes, this.#ref);
      if (item === undefined) return;
      this.circle = event.circle;
      note('accepted', item.from);
    }
  }

  /** What waited for a peer is offered to it when it comes back. */
  #offerTo(peer: string | undefined, note: Note): void {
    for (const [key, wasOffered] of this.#held) {
      if (wasOffered || ownerOf(key) !== peer) continue;
      this.#held.set(key, true);
      note('offered', peer);
    }
  }

  /** Follows it from item to item (a digest changes its key); the peers whose inbox it left. */
  #follow({ changes, position }: FoldedRecord, note: Note): Iterable<string> {
    const left = new Map<string, boolean>();
    for (const { view, key, row } of changes) {
      if (view !== 'inbox') continue;
      const peer = ownerOf(key);
      const wasOffered = this.#held.get(key);
      if (row === null && wasOffered !== undefined) {
        this.#held.delete(key);
        left.set(peer, wasOffered);
      } else if (row !== null && carries(row, this.#ref)) {
        const isKnown = left.get(peer) ?? wasOffered ?? false;
        left.delete(peer);
        this.#held.set(key, isKnown || row.offered);
        if (!isKnown && row.offered) note('offered', peer);
        if (row.handed?.position === position) note('handed', peer);
      }
    }
    return left.keys();
  }
}

function ownerOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

/** A reply or a notice about an ask is not the ask itself. */
function carries({ kind, ref, refs }: Item, wanted: string): boolean {
  if (refs !== undefined) return refs.includes(wanted);
  return ref === wanted && kind !== 'reply' && kind !== 'system';
}

function sends(event: SignalEvent, ref: string): boolean {
  const isMessage = event.type === 'message.notified' || event.type === 'message.broadcast';
  return isMessage && event.message === ref;
}

/** The thread as the event left it; undefined when it left it alone. */
function threadIn(changes: readonly Change[], ref: string): AskRow | undefined {
  return rowsIn(changes, 'asks').find(({ ask }) => ask === ref);
}

/** The item that the event has put somewhere about the very thing. */
function itemIn(changes: readonly Change[], ref: string): Item | undefined {
  return rowsIn(changes, 'inbox').find(item => item.ref === ref);
}

function whoIsBack(event: SignalEvent): string | undefined {
  if (event.type === 'inbox.taken') return event.by;
  if (event.type === 'peer.connected') return event.peer;
  return event.type === 'peer.joined' && event.boot !== undefined ? event.peer : undefined;
}
