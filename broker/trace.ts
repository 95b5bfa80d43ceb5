// The stages of one ask or message, read off the folded commits as they pass.
import type { Change } from '../schemas/change.js';
import type { SignalEvent } from '../schemas/event.js';
import { limits } from '../schemas/limits.js';
import type { Stage } from '../schemas/message.js';
import type { FoldedCommit, FoldedRecord } from './door.js';
import type { AskRow } from './rows/asks.js';
import type { Item } from './rows/inbox.js';

type Note = (stage: Stage['stage'], by: string) => void;

export class Trace {
  readonly stages: Stage[] = [];
  /** Where it was sent; empty while it has not been seen in the log. */
  circle = '';
  private readonly ref: string;
  /** The keys of the inbox items that carry it, and whether its peer has been offered each. */
  private readonly held = new Map<string, boolean>();

  constructor(ref: string) {
    this.ref = ref;
  }

  commit({ sequence, time, records, changes }: FoldedCommit): void {
    const position = sequence * limits.commit_positions;
    for (const { key } of changes) {
      if (!this.held.delete(key)) continue;
      this.stages.push({ stage: 'expired', position, time, by: ownerOf(key) });
    }
    for (const record of records) if (record.void === undefined) this.record(record, time);
  }

  private record({ event, position, changes }: FoldedRecord, time: number): void {
    if (event === undefined) return;
    const note: Note = (stage, by) => this.stages.push({ stage, position, time, by });
    if (opens(event, this.ref)) {
      this.circle = event.circle;
      note('accepted', event.by);
    }
    const fired = event.type === 'schedule.fired' ? said(changes, this.ref) : undefined;
    if (fired !== undefined) {
      this.circle = event.circle;
      note('accepted', fired.from);
    }
    this.offerTo(whoIsBack(event), note);
    let isRetracted = false;
    for (const peer of this.follow(changes, note)) {
      if (event.type.startsWith('message.')) isRetracted = true;
      else if (event.by === peer && event.type !== 'peer.left') note('seen', peer);
    }
    if (isRetracted) note('retracted', event.by);
    if (changes.some(change => closes(change, this.ref))) note('closed', event.by);
  }

  /** What waited for a peer is offered to it when it comes back. */
  private offerTo(peer: string | undefined, note: Note): void {
    for (const [key, wasOffered] of this.held) {
      if (wasOffered || ownerOf(key) !== peer) continue;
      this.held.set(key, true);
      note('offered', peer);
    }
  }

  /** Follows it from item to item (a digest changes its key); the peers whose inbox it left. */
  private follow(changes: FoldedRecord['changes'], note: Note): Iterable<string> {
    const left = new Map<string, boolean>();
    for (const { view, key, row } of changes) {
      if (view !== 'inbox') continue;
      const peer = ownerOf(key);
      const wasOffered = this.held.get(key);
      if (row === null && wasOffered !== undefined) {
        this.held.delete(key);
        left.set(peer, wasOffered);
      } else if (row !== null && carries(row as Item, this.ref)) {
        const isKnown = left.get(peer) ?? false;
        left.delete(peer);
        this.held.set(key, isKnown || (row as Item).offered);
        if (!isKnown && (row as Item).offered) note('offered', peer);
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

function opens(event: SignalEvent, ref: string): boolean {
  if (event.type === 'ask.opened') return event.ask === ref;
  const isMessage = event.type === 'message.notified' || event.type === 'message.broadcast';
  return isMessage && event.message === ref;
}

/** What a schedule has put into an inbox in the name of who made it. */
function said(changes: readonly Change[], ref: string): Item | undefined {
  const put = changes.find(
    ({ view, row }) => view === 'inbox' && (row as Item | null)?.ref === ref,
  );
  return put?.row as Item | undefined;
}

function closes({ view, key, row }: Change, ref: string): boolean {
  return view === 'asks' && key === ref && (row as AskRow).state === 'closed';
}

function whoIsBack(event: SignalEvent): string | undefined {
  if (event.type === 'inbox.taken') return event.by;
  if (event.type === 'peer.connected') return event.peer;
  return event.type === 'peer.joined' && event.boot !== undefined ? event.peer : undefined;
}
