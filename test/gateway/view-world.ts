// Two brokers that fold one history, and readers whose mirrors of its views are held to the truth.
import { type Cursor, formatCursor, parseCursor } from '../../broker/core/cursor.js';
import { Fold } from '../../broker/core/fold.js';
import { standingOf } from '../../broker/core/rows/standing.js';
import { RecentChanges } from '../../broker/core/views/recent-changes.js';
import { Selection } from '../../broker/core/views/selection.js';
import { Sight } from '../../broker/core/views/views.js';
import type { Author, Delivery, FoldedCommit } from '../../broker/core/words.js';
import { LiveViews } from '../../broker/gateway/views/live-views.js';
import type { Door } from '../../broker/runtime/door.js';
import { Mirror } from '../../client/sdk/mirror.js';
import type { Params } from '../../schemas/method.js';
import { methods } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { FakeOutlet, turn } from './fake-outlet.js';

type Watch = Omit<Params<'view.watch'>, 'from'>;
type Row = Record<string, unknown>;

/** The door of a broker that folds what it is handed. */
export class HistoryDoor {
  readonly recent: RecentChanges;
  readonly fold: Fold;
  readonly views: LiveViews;
  time = 0;
  private readonly log: readonly Delivery[];
  private readonly listeners = new Set<(commit: FoldedCommit) => void>();

  /** Starts with the first `sequence` commits folded; only the last few of them are remembered. */
  constructor(log: readonly Delivery[], sequence: number, remembered: number, changes?: number) {
    this.log = log;
    this.fold = new Fold();
    const before = Math.max(0, sequence - remembered);
    for (const delivery of log.slice(0, before)) this.fold.commit(delivery);
    this.recent = new RecentChanges(this.fold, changes === undefined ? {} : { changes });
    while (this.fold.sequence < sequence) this.recent.note(this.fold.commit(this.next()!));
    this.time = this.fold.table.time;
    this.views = new LiveViews(this as unknown as Door, error => {
      throw error;
    });
  }

  get table() {
    return this.fold.table;
  }

  info() {
    const { sequence, digest } = this.fold;
    return { log: 'log_1', sequence, digest };
  }

  now = () => this.time;
  elapsed = () => this.time;

  listen(listener: (commit: FoldedCommit) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Folds the next commit, a while after the last one; false at the end of the history. */
  step(): boolean {
    const delivery = this.next();
    if (delivery === undefined) return false;
    const commit = this.fold.commit(delivery);
    this.time = Math.max(this.time + 1_100, this.table.time);
    this.recent.note(commit);
    for (const listener of this.listeners) listener(commit);
    return true;
  }

  async caughtUp(): Promise<void> {
    while (this.step());
  }

  async *replay(sequence: number) {
    const fold = new Fold();
    for (const delivery of this.log.slice(0, this.fold.sequence)) {
      const commit = fold.commit(delivery);
      if (commit.sequence >= sequence) yield commit;
    }
  }

  private next(): Delivery | undefined {
    return this.log[this.fold.sequence];
  }
}

/** Every row of a selection after each commit, or nothing where its reader may not look. */
export class Truth {
  private readonly states: Map<string, string>[] = [];
  private readonly digests: Uint8Array[] = [];

  constructor(log: readonly Delivery[], readers: readonly { author: Author; watch: Watch }[]) {
    const fold = new Fold();
    for (const delivery of [undefined, ...log]) {
      if (delivery !== undefined) fold.commit(delivery);
      const sight = new Sight(fold.table);
      const state = new Map<string, string>();
      for (const { author, watch } of readers) {
        const held = standingOf(fold.table, author, fold.table.time);
        if (isRefusal(held)) continue;
        const selection = Selection.of(watch as never, { author, held });
        if (isRefusal(selection)) continue;
        state.set(nameOf(author, watch), textOf(selection.rows(sight)));
      }
      this.states.push(state);
      this.digests.push(fold.digest);
    }
  }

  /** What a mirror must hold at a cursor. */
  at({ sequence }: Cursor, author: Author, watch: Watch): string | undefined {
    return this.states[sequence]?.get(nameOf(author, watch));
  }

  cursorAt(sequence: number): string {
    return formatCursor('log_1', sequence, this.digests[sequence]!);
  }
}

function nameOf(author: Author, watch: Watch): string {
  return JSON.stringify([author, watch]);
}

function textOf(rows: Iterable<readonly [string, unknown]>): string {
  return JSON.stringify([...rows].map(row => JSON.stringify(row)).sort(), null, 1);
}

/** One who holds a mirror, over one connection after another. */
export class ViewReader {
  readonly mirror = new Mirror<Row>();
  outlet: FakeOutlet | undefined;
  door: HistoryDoor | undefined;
  /** How often its rows were compared, and told anew. */
  checked = 0;
  resyncs = 0;
  private heard = 0;
  private subscription = '';
  readonly author: Author;
  readonly watch: Watch;
  private readonly truth: Truth;

  constructor(author: Author, watch: Watch, truth: Truth) {
    this.author = author;
    this.watch = watch;
    this.truth = truth;
  }

  /** Connects, and goes on where it stood; false when it may not watch any more. */
  async connect(door: HistoryDoor): Promise<boolean> {
    this.cut();
    const outlet = new FakeOutlet(this.author, 'json');
    // A part of a snapshot is true for nothing yet.
    const from = this.mirror.isWhole ? this.mirror.at : undefined;
    const params = methods['view.watch'].params.parse({ ...this.watch, ...(from && { from }) });
    const answer = await door.views.watch(outlet, params);
    if (isRefusal(answer)) {
      if (answer.refusal !== 'unauthorized' && answer.refusal !== 'peer_retired') {
        throw new Error(JSON.stringify(answer));
      }
      outlet.close();
      return false;
    }
    this.outlet = outlet;
    this.door = door;
    this.heard = 0;
    const { result, list } = answer;
    this.subscription = result.subscription;
    if (result.resync !== undefined) this.resyncs++;
    const rows = list === undefined ? result.rows : JSON.parse(String(list));
    this.mirror.begin({ ...result, rows } as never, from);
    this.check();
    return true;
  }

  cut(): void {
    this.outlet?.close();
    this.outlet = undefined;
  }

  /** Reads what has come, and holds each state to the truth. */
  read(): void {
    const { outlet } = this;
    if (outlet === undefined) return;
    const messages = outlet.messages as unknown as { method: string; params: never }[];
    for (const { method, params } of messages.slice(this.heard)) {
      const { subscription, resync } = params as { subscription: string; resync?: string };
      if (subscription !== this.subscription) throw new Error(`told ${subscription}`);
      if (resync !== undefined) this.resyncs++;
      if (method === 'view.rows') this.mirror.page(params);
      else if (!this.mirror.step(params)) throw new Error(`a gap: ${JSON.stringify(params)}`);
      this.check();
    }
    this.heard = messages.length;
  }

  /** Where it stands; undefined before it has all of a snapshot. */
  get sequence(): number | undefined {
    return this.mirror.isWhole ? parseCursor(this.mirror.at ?? '')?.sequence : undefined;
  }

  private check(): void {
    const { at, isWhole, rows } = this.mirror;
    if (!isWhole) return;
    this.checked++;
    const cursor = parseCursor(at ?? '')!;
    const want = this.truth.at(cursor, this.author, this.watch);
    const have = textOf(rows);
    if (have === want) return;
    throw new Error(`${JSON.stringify(this.watch)} at ${at}: ${have} is not ${want}`);
  }
}

/** Lets what is under way in this turn come to its end. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 4; n++) await turn();
}
