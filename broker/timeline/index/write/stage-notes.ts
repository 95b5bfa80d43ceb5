// The tracing of all asks and messages at once: the stages each comes to, as the commits pass.
import type { SignalEvent } from '../../../../schemas/event.js';
import { limits } from '../../../../schemas/limits.js';
import type { Stage } from '../../../../schemas/message.js';
import { type Change, rowsIn } from '../../../core/change.js';
import type { Item } from '../../../core/rows/inbox.js';
import type { Table } from '../../../core/rows/table.js';
import type { FoldedCommit, FoldedRecord } from '../../../core/words.js';

/** A stage of one ask or message; `circle` stands where it was sent. */
export interface StageNote extends Stage {
  ref: string;
  circle?: string | undefined;
}

type Note = (ref: string, stage: Stage['stage'], by: string, circle?: string) => void;

/**
 * The same stages as `Trace` finds for one, with no memory of what waits but for the items that
 * are not what they name: replies and notices, and digests, which stand for several messages.
 */
export class StageNotes {
  /** Keys of inbox items that only tell of the thing they name. */
  readonly #others = new Set<string>();
  /** The messages within a digest, by its key. */
  readonly #digests = new Map<string, readonly string[]>();

  /** Begins with what the inboxes hold. */
  begin({ inbox }: Table): void {
    this.#others.clear();
    this.#digests.clear();
    for (const { peer, items } of inbox.boxes.values()) {
      for (const item of items.values()) this.#enter(`${peer}/${item.ref}`, item);
    }
  }

  /**
   * What a commit brings about, in order. That something is offered to a peer may be said again:
   * only the first time counts.
   */
  commit({ sequence, time, records, changes }: FoldedCommit, table: Table): StageNote[] {
    const notes: StageNote[] = [];
    const at =
      (position: number): Note =>
      (ref, stage, by, circle) =>
        notes.push({ ref, stage, position, time, by, circle });
    for (const { view, key } of changes) {
      if (view !== 'inbox') continue;
      const note = at(sequence * limits.commit_positions);
      for (const ref of this.#leave(key)) note(ref, 'expired', ownerOf(key));
    }
    records.forEach((record, i) => {
      if (record.void !== undefined || record.event === undefined) return;
      const note = at(record.position);
      accept(record.event, record.changes, note);
      const back = whoIsBack(record.event);
      if (back !== undefined) {
        for (const ref of this.#waitingFor(back, table, record.position, records.slice(i + 1))) {
          note(ref, 'offered', back);
        }
      }
      this.#record(record, record.event, note);
    });
    return notes;
  }

  /** What waited for a peer at a position; the table stands where `later` has left it. */
  *#waitingFor(peer: string, table: Table, position: number, later: readonly FoldedRecord[]) {
    const came = new Set<string>();
    for (const { view, key, row } of later.flatMap(({ changes }) => changes)) {
      if (view !== 'inbox' || ownerOf(key) !== peer) continue;
      if (row !== null) came.add(key);
      else if (!came.has(key) && !this.#others.has(key)) yield* this.#refsOf(key);
    }
    for (const item of table.inbox.boxes.get(peer)?.items.values() ?? []) {
      if (item.offered || item.position > position || tellsOnly(item)) continue;
      yield* item.refs ?? [item.ref];
    }
  }

  #record(record: FoldedRecord, event: SignalEvent, note: Note): void {
    const { changes } = record;
    const retracted = new Set<string>();
    const left = this.#follow(record, note);
    if (event.type === 'orchestrator.handed_over') {
      const moved = new Set([...left.values()].flatMap(refs => [...refs]));
      for (const { ask } of rowsIn(changes, 'asks')) moved.add(ask);
      for (const ref of moved) note(ref, 'moved', event.to);
      return;
    }
    for (const [peer, refs] of left) {
      for (const ref of refs) {
        if (event.type.startsWith('message.')) retracted.add(ref);
        else if (event.by === peer && event.type !== 'peer.left') note(ref, 'seen', peer);
      }
    }
    for (const ref of retracted) note(ref, 'retracted', event.by);
    if (event.type === 'message.notified' && !isHeld(changes, event.message)) {
      note(event.message, 'dropped', event.to);
    }
    for (const { ask, state, to } of rowsIn(changes, 'asks')) {
      if (state !== 'closed') continue;
      if (event.type === 'ask.expired') note(ask, 'expired', to);
      else note(ask, 'closed', event.by);
    }
  }

  /** Who was offered what, and by peer what has left its inbox. */
  #follow({ changes, position }: FoldedRecord, note: Note): Map<string, Set<string>> {
    const left = new Map<string, Set<string>>();
    for (const { view, key, row } of changes) {
      if (view !== 'inbox') continue;
      const peer = ownerOf(key);
      const gone = left.get(peer) ?? new Set();
      left.set(peer, gone);
      if (row === null) for (const ref of this.#leave(key)) gone.add(ref);
      else {
        this.#enter(key, row);
        if (tellsOnly(row)) continue;
        for (const ref of row.refs ?? [row.ref]) {
          gone.delete(ref);
          if (row.offered) note(ref, 'offered', peer);
          if (row.handed?.position === position) note(ref, 'handed', peer);
        }
      }
    }
    return left;
  }

  #enter(key: string, item: Item): void {
    this.#others.delete(key);
    this.#digests.delete(key);
    if (tellsOnly(item)) this.#others.add(key);
    else if (item.refs !== undefined) this.#digests.set(key, item.refs);
  }

  #refsOf(key: string): readonly string[] {
    return this.#digests.get(key) ?? [key.slice(key.indexOf('/') + 1)];
  }

  /** What the item carried that has left. */
  #leave(key: string): readonly string[] {
    const refs = this.#refsOf(key);
    this.#digests.delete(key);
    return this.#others.delete(key) ? [] : refs;
  }
}

function accept(event: SignalEvent, changes: readonly Change[], note: Note): void {
  // A thread that is taken over is open, too, but not opened.
  if (event.type === 'orchestrator.handed_over') return;
  const threads = rowsIn(changes, 'asks');
  for (const { ask, state, circle, from } of threads) {
    if (state === 'open') note(ask, 'accepted', from, circle);
  }
  if (event.type === 'message.notified' || event.type === 'message.broadcast') {
    note(event.message, 'accepted', event.by, event.circle);
  } else if (event.type === 'schedule.fired' || event.type === 'watch.fired') {
    for (const { ref, from } of rowsIn(changes, 'inbox')) {
      const isThread = threads.some(({ ask, state }) => ask === ref && state === 'open');
      if (!isThread) note(ref, 'accepted', from, event.circle);
    }
  }
}

function isHeld(changes: readonly Change[], message: string): boolean {
  return rowsIn(changes, 'inbox').some(({ ref, refs = [ref] }) => refs.includes(message));
}

/** A reply or a notice about an ask is not the ask itself, nor is a job traced; a digest is all. */
function tellsOnly({ kind, refs }: Item): boolean {
  return refs === undefined && (kind === 'reply' || kind === 'system' || kind === 'job');
}

function ownerOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

function whoIsBack(event: SignalEvent): string | undefined {
  if (event.type === 'inbox.taken') return event.by;
  if (event.type === 'peer.connected') return event.peer;
  return event.type === 'peer.joined' && event.boot !== undefined ? event.peer : undefined;
}
