// A line to the mesh for one session: taken in the background, kept, and taken anew when it ends.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import type { MethodName, Result } from '../../schemas/method.js';
import type { Client, Notice } from '../index.js';
import type { CallParams } from '../sdk/api.js';
import { ClientError, notVoid } from '../sdk/errors.js';
import type { BoardsHere, Mesh } from './tool.js';

/** Where the peer of a session sits: which brokers, and by which credential. */
export interface Seat {
  urls: readonly string[];
  credential: string;
  /** True when the broker is to be found elsewhere now. */
  hasMoved(): Promise<boolean>;
}

/** What a line is made of. */
export interface MeshLineParts {
  /** What the runtime calls the session now: one that was cleared goes on under another id. */
  session(): string;
  /** True for a client whose runtime has no hooks of ours, which hand over again what was lost. */
  isUnhooked: boolean;
  /** True where hooks of the same session prove what it was shown, which they know better. */
  isProvenByHooks?(): boolean;
  /** See `Mesh`. */
  files?: Mesh['files'];
  /** Finds the broker and joins or comes back. Rejects with a sentence that says what to do. */
  takeSeat(): Promise<Seat>;
  /** Where boards are looked for; left out where the session stands elsewhere. */
  boards?: () => BoardsHere;
  connect(seat: Seat, onNotice: (notice: Notice) => void): Promise<Client>;
}

/**
 * The peer is online while its line is open. A broker that is down at the start, or goes, is
 * looked for in the background, and at once when a tool is called.
 */
export class MeshLine implements Mesh {
  readonly #parts: MeshLineParts;
  #client: Client | undefined;
  #isAway = false;
  #isFresh: boolean;
  #ahead_ms = 0;
  #failure: unknown;
  #isClosed = false;
  readonly #closing = new AbortController();
  /** Ends the connection of now, so that it is made anew. */
  #end: (() => void) | undefined;
  /** Ends a rest. */
  #hurry: (() => void) | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #kept: Promise<void>;

  constructor(parts: MeshLineParts) {
    this.#parts = parts;
    this.#isFresh = parts.isUnhooked;
    this.#kept = this.#keep();
  }

  get session(): string {
    return this.#parts.session();
  }

  get boards(): BoardsHere | undefined {
    return this.#parts.boards?.();
  }

  get files(): Mesh['files'] {
    return this.#parts.files;
  }

  /** True where a later call of a tool is not to prove anything. */
  isProvenByHooks(): boolean {
    return this.#parts.isProvenByHooks?.() ?? false;
  }

  now(): number {
    return Date.now() + this.#ahead_ms;
  }

  isFresh(): boolean {
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    return isFresh;
  }

  async call<M extends MethodName>(
    method: M,
    params: CallParams<M>,
    wait_ms: number = limits.mcp_call_ms,
  ): Promise<Result<M>> {
    const client = await this.#ready();
    const most = this.#isAway ? Math.min(wait_ms, limits.mcp_patience_ms) : wait_ms;
    const call = client.call as (
      method: MethodName,
      params: unknown,
      options: { wait_ms: number },
    ) => Promise<Result<M>>;
    return notVoid(await call.call(client, method, params, { wait_ms: most }));
  }

  /** Aborted when the line is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Ends the line; the peer is offline then. A broker that does not answer is not waited for. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort();
    this.#end?.();
    this.#hurry?.();
    this.#told();
    await Promise.race([this.#kept, this.#change(limits.hang_up_ms)]);
  }

  async #keep(): Promise<void> {
    for (let tries = 0; !this.#isClosed; ) {
      try {
        await this.#hold();
        tries = 0;
      } catch (error) {
        this.#failure = error;
        tries++;
      }
      this.#told();
      if (!this.#isClosed) await this.#rest(tries);
    }
  }

  /** Takes the seat and stays until that ends. */
  async #hold(): Promise<void> {
    const seat = await this.#parts.takeSeat();
    const ended = new Promise<void>(resolve => {
      this.#end = resolve;
    });
    const client = await this.#parts.connect(seat, notice => this.#notice(notice, seat));
    try {
      const { time } = await client.whoami();
      this.#ahead_ms = time - Date.now();
      if (this.#isClosed) return;
      this.#client = client;
      this.#isAway = false;
      this.#told();
      await ended;
    } finally {
      this.#client = undefined;
      await client.close();
    }
  }

  #notice(notice: Notice, seat: Seat): void {
    this.#isAway = notice.kind !== 'ready';
    if (notice.kind === 'stopped') {
      this.#failure = notice.error;
      this.#end?.();
    }
    if (notice.kind !== 'waiting') return;
    const end = this.#end;
    void seat.hasMoved().then(
      hasMoved => hasMoved && end?.(),
      () => {},
    );
  }

  /** The connection; a caller waits a while for it. Rejects with why there is none. */
  async #ready(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    this.#hurry?.();
    const end = performance.now() + limits.mcp_patience_ms;
    let left = limits.mcp_patience_ms;
    this.#failure = undefined;
    while (this.#client === undefined && this.#failure === undefined && left > 0) {
      await this.#change(left);
      left = end - performance.now();
    }
    if (this.#client !== undefined) return this.#client;
    throw this.#failure ?? new ClientError('timeout', 'no broker was reached in time');
  }

  #change(most_ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, most_ms);
      this.#waiting.add(done);
    });
  }

  #told(): void {
    for (const done of [...this.#waiting]) done();
  }

  /** Full jitter would help nobody here: one session asks one broker. */
  #rest(tries: number): Promise<void> {
    const { mcp_rest_first_ms, mcp_rest_max_ms } = limits;
    const rest_ms = Math.min(mcp_rest_max_ms, mcp_rest_first_ms * 2 ** tries);
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        this.#hurry = undefined;
        resolve();
      };
      const timer = setTimeout(done, rest_ms);
      this.#hurry = done;
    });
  }
}
