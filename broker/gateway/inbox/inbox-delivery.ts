// Inbox delivery: items to the consumer of an inbox, to readers, and to those who wait.
import type { EventType, SignalEvent } from '../../../schemas/event.js';
import type { Notifications } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import type { InboxItem } from '../../../schemas/message.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal } from '../../../schemas/refusal.js';
import type { Change } from '../../core/change.js';
import { charsOf, type Item, isExpired } from '../../core/rows/inbox.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Answer, Author, FoldedCommit } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { doorTime } from '../shared/access.js';
import { ousting } from '../shared/ousting.js';
import type { Outlet } from '../shared/outlet.js';
import * as states from './inbox-consumer.js';
import { Waits } from './waits.js';

export interface InboxDelivery {
  /**
   * The connection has been answered that it took its peer's inbox: every item there follows in
   * order, and what comes later, as `inbox.item` and `inbox.gone`, until another one takes it.
   */
  subscribed(outlet: Outlet, generation: number): void;
  /**
   * Items nobody has claimed, claimed for `claim_s`; waits for one up to `wait_s`. Who is killed
   * or revoked meanwhile is refused.
   */
  read(author: Author & { peer: string }, params: Parsed<'inbox.read'>): Promise<Answer>;
  /** The thread once it is closed, or as it is after `timeout_s`; refuses as `ask.get` does. */
  waitForAsk(author: Author, params: Parsed<'ask.wait'>): Promise<Answer>;
  close(): void;
}

/** Delivers what is folded from now on, and at a subscription what is there already. */
export function createInboxDelivery(door: Door): InboxDelivery {
  return new LiveDelivery(door);
}

/** Why an event took an item away; a close gives its outcome. */
const reasons: { [T in EventType]?: string } = {
  'ask.opened': 'replied',
  'ask.expired': 'expired',
  'inbox.acknowledged': 'acknowledged',
  'message.notified': 'superseded',
  'message.retracted': 'retracted',
  'orchestrator.handed_over': 'handed_over',
  'peer.left': 'retired',
  'peer.killed': 'retired',
  'peer.retired': 'retired',
};

class LiveDelivery implements InboxDelivery {
  readonly #door: Door;
  readonly #states = new Map<string, states.DeliveryState>();
  readonly #watched = new WeakSet<Outlet>();
  readonly #readers = new Waits();
  readonly #askers = new Waits();
  readonly #unlisten: () => void;
  /** The first position that this gateway has seen come in. */
  readonly #bornAt: number;

  constructor(door: Door) {
    this.#door = door;
    this.#bornAt = (door.info().sequence + 1) * limits.commit_positions;
    this.#unlisten = door.listen(commit => this.#see(commit));
  }

  subscribed(outlet: Outlet, generation: number): void {
    const { peer } = outlet.author;
    if (peer === undefined) return;
    const newest = this.#boxOf(peer)?.generation ?? 0;
    if (newest > generation) {
      notify(outlet, 'inbox.taken', { generation: newest });
      return;
    }
    const state = this.#stateOf(peer);
    const former = state.consumer?.outlet;
    if (former && former !== outlet) notify(former, 'inbox.taken', { generation });
    const consumer = { outlet, generation, isAbreast: false };
    state.consumer = consumer;
    // It may be gone already: then it takes nothing, and no state is left for it.
    this.#watch(outlet, peer);
    this.#bringAbreast(peer, consumer);
  }

  read(author: Author & { peer: string }, params: Parsed<'inbox.read'>): Promise<Answer> {
    const { peer } = author;
    const first = this.#claim(peer, params);
    if (first.items.length > 0 || params.wait_s === 0) return Promise.resolve({ result: first });
    return new Promise((resolve, reject) => {
      const attempt = (isLate: boolean) => {
        const held = this.#standing(author);
        const answer = isRefusal(held) ? held : { result: this.#claim(peer, params) };
        if (!isRefusal(answer) && answer.result.items.length === 0 && !isLate) return false;
        resolve(answer);
        return true;
      };
      this.#readers.add(peer, this.#patience(author, params.wait_s), attempt, reject);
    });
  }

  async waitForAsk(author: Author, { ask, timeout_s }: Parsed<'ask.wait'>): Promise<Answer> {
    let giveUp = () => {};
    // Begun before the first look, so that no close slips in between.
    const isOver = new Promise<boolean>(resolve => {
      giveUp = this.#askers.add(ask, this.#patience(author, timeout_s), isLate => {
        const isOpen = this.#door.table.asks.open.has(ask);
        if (isOpen && !isLate && !isRefusal(this.#standing(author))) return false;
        resolve(true);
        return true;
      });
    });
    try {
      const now = await this.#door.read('ask.get', { ask }, author);
      if (isRefusal(now) || now.result.state === 'closed') return now;
      await isOver;
      return await this.#door.read('ask.get', { ask }, author);
    } finally {
      giveUp();
    }
  }

  close(): void {
    this.#unlisten();
    this.#readers.close();
    this.#askers.close();
    this.#states.clear();
  }

  #standing(author: Author) {
    return standingOf(this.#door.table, author, doorTime(this.#door));
  }

  /** How long a wait may stand: no longer than its token lives. */
  #patience(author: Author, seconds: number): number {
    const held = this.#standing(author);
    if (isRefusal(held)) return 0;
    const end = (held.expires_at ?? Number.POSITIVE_INFINITY) + limits.wait_margin_ms;
    return Math.min(seconds, (end - doorTime(this.#door)) / 1_000);
  }

  #boxOf(peer: string) {
    return this.#door.table.inbox.boxes.get(peer);
  }

  #stateOf(peer: string): states.DeliveryState {
    const known = this.#states.get(peer);
    if (known) return known;
    const state = states.newDeliveryState();
    this.#states.set(peer, state);
    return state;
  }

  #watch(outlet: Outlet, peer: string): void {
    if (this.#watched.has(outlet)) return;
    this.#watched.add(outlet);
    outlet.whenClosed(() => {
      this.#watched.delete(outlet);
      const state = this.#states.get(peer);
      if (state?.consumer?.outlet !== outlet) return;
      state.consumer = undefined;
      this.#tidy(peer, state);
    });
  }

  #tidy(peer: string, state: states.DeliveryState): void {
    if (states.isBare(state) && this.#states.get(peer) === state) this.#states.delete(peer);
  }

  #see(commit: FoldedCommit): void {
    for (const change of commit.changes) this.#apply(change, undefined);
    for (const record of commit.records) {
      for (const change of record.changes) this.#apply(change, record.event);
      if (record.event?.type === 'inbox.taken') this.#retire(record.event.by);
    }
    if (!commit.records.some(({ type }) => ousting.has(type))) return;
    this.#readers.wakeAll();
    this.#askers.wakeAll();
  }

  /** `event` is absent when log time alone made the change. */
  #apply({ view, key, row }: Change, event: SignalEvent | undefined): void {
    if (view === 'asks') {
      if (row?.state === 'closed') this.#askers.wake(key);
      return;
    }
    if (view !== 'inbox') return;
    const slash = key.indexOf('/');
    const peer = key.slice(0, slash);
    if (row === null) this.#remove(peer, key.slice(slash + 1), event);
    else {
      const state = this.#states.get(peer);
      if (state?.consumer?.isAbreast) this.#offer(peer, state, state.consumer, row);
      this.#readers.wake(peer);
    }
  }

  #remove(peer: string, ref: string, event: SignalEvent | undefined): void {
    const state = this.#states.get(peer);
    if (state === undefined) return;
    const position = states.forget(state, ref);
    const { consumer } = state;
    if (consumer && position !== undefined && !isOwnAck(consumer, event)) {
      notify(consumer.outlet, 'inbox.gone', { position, ref, reason: reasonOf(event) });
    }
    this.#tidy(peer, state);
  }

  /** Another one has taken the inbox: the consumer of before gets nothing more but word of it. */
  #retire(peer: string): void {
    const state = this.#states.get(peer);
    const generation = this.#boxOf(peer)?.generation ?? 0;
    const former = state?.consumer;
    if (!state || !former || former.generation >= generation) return;
    state.consumer = undefined;
    // By then it is known whether the same connection took it again.
    setImmediate(() => {
      if (this.#states.get(peer)?.consumer?.outlet === former.outlet) return;
      notify(former.outlet, 'inbox.taken', { generation });
    });
    this.#tidy(peer, state);
  }

  /** Sends what is in the box and not yet sent, as far as the socket takes it. */
  #bringAbreast(peer: string, consumer: states.Consumer): void {
    const state = this.#states.get(peer);
    if (state?.consumer !== consumer) return;
    consumer.isAbreast = true;
    for (const item of this.#boxOf(peer)?.items.values() ?? []) {
      if (!this.#offer(peer, state, consumer, item)) return;
    }
  }

  /** False when the socket is full: the item stays in the box until there is room. */
  #offer(
    peer: string,
    state: states.DeliveryState,
    consumer: states.Consumer,
    item: Item,
  ): boolean {
    const { outlet, generation } = consumer;
    const now = this.#door.now();
    if (!states.isUnsent(state, item.ref) || isExpired(item, now)) return true;
    // Its socket is about to be closed.
    if (isRefusal(standingOf(this.#door.table, outlet.author, now))) return false;
    if (!outlet.writable()) {
      consumer.isAbreast = false;
      outlet.whenWritable(() => this.#bringAbreast(peer, consumer));
      return false;
    }
    notify(outlet, 'inbox.item', states.show(state, item, generation, this.#bornAt));
    return true;
  }

  #claim(peer: string, { max, after = -1, claim_s }: Parsed<'inbox.read'>): Result<'inbox.read'> {
    const now = this.#door.now();
    const box = this.#boxOf(peer);
    const state = this.#stateOf(peer);
    const items: InboxItem[] = [];
    let remaining = 0;
    let chars = 0;
    for (const item of box?.items.values() ?? []) {
      if (item.position <= after || isExpired(item, now)) continue;
      if (states.isClaimed(state, item.ref, now)) continue;
      chars += charsOf(item);
      if (items.length === max || (items.length > 0 && chars > limits.write_bytes)) remaining++;
      else {
        if (claim_s > 0) state.claims.set(item.ref, now + claim_s * 1000);
        items.push(states.show(state, item, 0, this.#bornAt));
      }
    }
    this.#tidy(peer, state);
    return { items, remaining, generation: box?.generation ?? 0 };
  }
}

/** Only the consumer of now states its generation, and it knows what it acknowledged. */
function isOwnAck({ generation }: states.Consumer, event: SignalEvent | undefined): boolean {
  return event?.type === 'inbox.acknowledged' && event.generation === generation;
}

function reasonOf(event: SignalEvent | undefined): string {
  if (event === undefined) return 'expired';
  return event.type === 'ask.closed' ? event.outcome : (reasons[event.type] ?? 'gone');
}

function notify<N extends keyof Notifications>(
  outlet: Outlet,
  method: N,
  params: Notifications[N],
): void {
  outlet.send({ jsonrpc: '2.0', method, params });
}
