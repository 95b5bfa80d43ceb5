// A broker's door over a log in memory: real commits through the real fold, told and replayed.
import { type EventMark, encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import type { HistoryMark } from '../../broker/core/commits/marks.js';
import { recordsOf } from '../../broker/core/commits/record.js';
import { Fold } from '../../broker/core/fold.js';
import { RecentChanges } from '../../broker/core/views/recent-changes.js';
import type {
  Answer,
  Author,
  BrokerInfo,
  FoldedCommit,
  OldCommit,
} from '../../broker/core/words.js';
import type { Door } from '../../broker/runtime/door.js';
import { pack } from '../../schemas/codec.js';
import type { Role, Verb } from '../../schemas/common.js';
import type { EventOf, EventType, SignalEvent } from '../../schemas/event.js';
import type { MethodName, Parsed } from '../../schemas/method.js';
import { refuse } from '../../schemas/refusal.js';
import { makeUuid, OPERATOR } from '../../schemas/uuid.js';

type Data<T extends EventType> = Omit<EventOf<T>, 'v' | 'id' | 'type' | 'by' | 'circle'> &
  Partial<EventOf<T>>;

export const boot = 'boot_1';

export class FakeLogDoor implements Door {
  /** Nobody audits here. */
  readonly audit = undefined as never;
  readonly fold = new Fold();
  readonly recent = new RecentChanges(this.fold);
  readonly commits: FoldedCommit[] = [];
  /** Replays that began and neither ended nor were closed. */
  openReplays = 0;
  begunReplays = 0;
  /** What an index would tell; absent as long as there is none. */
  records?: Door['records'];
  /** The known place from which the last one was to begin. */
  replayedFrom: number | undefined;
  /** While set, the log cannot be read. */
  isAway = false;
  time = Date.UTC(2026, 0, 1);
  private readonly listeners = new Set<(commit: FoldedCommit) => void>();
  private made = 0;

  constructor() {
    this.commit(
      this.event('log.opened', { log: 'log_1', mesh: 'm', level: 1, by: boot }),
      this.event('gateway.started', { gateway: 'gateway_1', boot, by: boot }),
    );
  }

  get table() {
    return this.fold.table;
  }

  info(): BrokerInfo {
    const { sequence, digest } = this.fold;
    const words = { mesh: 'm', log: 'log_1', gateway: 'gateway_1', durability: 'os', version: '0' };
    return { ...words, sequence, digest };
  }

  fenced: AbortSignal = new AbortController().signal;
  health = () => ({ ready: true, checks: {} });
  figures = () => ({
    commits: { total: 0, events: 0, per_s: 0, events_per_s: 0 },
    store: {},
  });
  skew = () => ({ store_ms: 0, log_ms: 0 });
  now = () => this.time;
  elapsed = () => this.time;
  attach() {}
  detach() {}

  command(): void {
    throw new Error('this door only listens');
  }

  read(method: MethodName, params: unknown, _author: Author): Answer | Promise<Answer> {
    if (method !== 'ask.get') throw new Error(`this door cannot ${method}`);
    const row = this.table.asks.get((params as Parsed<'ask.get'>).ask);
    return row ? { result: { ...row } } : refuse('ask_unknown', 'There is no such ask.');
  }

  async caughtUp(): Promise<void> {
    if (this.isAway) throw new Error('the log is away');
  }

  listen(listener: (commit: FoldedCommit) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async *replay(sequence: number, start?: HistoryMark): AsyncGenerator<OldCommit> {
    this.replayedFrom = start?.sequence;
    this.openReplays++;
    this.begunReplays++;
    try {
      for (let at = sequence; at <= this.fold.sequence; at++) {
        if (this.isAway) throw new Error('the log is away');
        await Promise.resolve();
        yield cold(this.commits[at - 1]!);
      }
    } finally {
      this.openReplays--;
    }
  }

  async sequenceAt(time: number): Promise<number> {
    return this.commits.findLast(commit => commit.time < time)?.sequence ?? 0;
  }

  /** An event of the operator's in circle `default`, unless the data say otherwise. */
  event<T extends EventType>(type: T, data: Data<T>): EventOf<T> {
    const id = this.uuid();
    const isBroker = /^(log|gateway)\.|^peer\.(dis)?connected$/.test(type);
    const envelope = isBroker ? { circle: '*' } : { token: OPERATOR, circle: 'default' };
    return { v: 1, id, type, by: OPERATOR, ...envelope, ...data } as unknown as EventOf<T>;
  }

  uuid(): string {
    const random = new Uint8Array(10);
    new DataView(random.buffer).setUint32(6, ++this.made);
    return makeUuid(this.time, random);
  }

  /** Appends the events as one commit, folds it and tells the listeners. */
  commit(...events: SignalEvent[]): FoldedCommit {
    return this.append(
      events.map(event => ({ type: event.type, circles: [event.circle], bytes: pack(event) })),
    );
  }

  append(events: EventMark[]): FoldedCommit {
    const number = this.fold.sequence + 1;
    const bytes = encodeCommit({ boot, number, clock: this.time, events });
    const commit = this.fold.commit({ sequence: number, storedAt: this.time, bytes });
    this.commits.push(commit);
    this.recent.note(commit);
    for (const listener of this.listeners) listener(commit);
    return commit;
  }

  /** A commit of one event about `subject`, which is all that tests of the log care for. */
  note(text: string, circle = 'default'): FoldedCommit {
    const message = `msg_${this.uuid()}`;
    return this.commit(this.event('message.broadcast', { message, text, circle }));
  }

  /** A peer that is here. */
  join(name: string, more: Partial<EventOf<'peer.joined'>> = {}): string {
    const peer = `peer_${name}-0000000`;
    const secret_hash = `hash of ${name}`;
    const data = { peer, name, role: 'agent' as const, secret_hash, boot, ...more };
    this.commit(this.event('peer.joined', data));
    return peer;
  }

  /** A token bound to circles; its id. */
  token(...circles: string[]): string {
    const roles: Role[] = ['agent'];
    const verbs: Verb[] = ['observe', 'speak'];
    const data = { name: 't', circles, roles, verbs };
    const event = this.event('token.created', { ...data, secret_hash: this.uuid(), circle: '*' });
    this.commit(event);
    return `token_${event.id}`;
  }
}

/** As the log gives it back: not decoded, and nothing changes any more. */
function cold(commit: FoldedCommit): OldCommit {
  const reasons = new Map(commit.records.map(record => [record.position, record.void]));
  const records = recordsOf(commit.sequence, commit.bytes, at => reasons.get(at));
  const { sequence, time, digest, bytes } = commit;
  return { sequence, time, digest, bytes, records };
}
