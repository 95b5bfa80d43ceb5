// The sessions of MCP over HTTP: opened, found again after a restart, let go, and ended, in bounds.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { Agent } from '../agent.js';
import type { HttpSession } from '../door.js';
import { type Holder, SessionIds } from './session-ids.js';

/** A session as it is kept in memory. */
export interface LiveSession {
  readonly id: string;
  readonly http: HttpSession;
  /** Answers that are under way, streams among them. */
  open: number;
  /** True once it had a stream: then the want of one tells that its client has gone. */
  isListener: boolean;
  /** When it was last used, in ms of the monotonic clock. */
  used_ms: number;
}

/** The peers of one session, and what becomes of them. */
export interface Seated {
  agent: Agent;
  /** The session is let go: its peers are offline, and may come back. */
  release(): Promise<void>;
  /** The session has ended: a peer that is nobody's any more leaves. */
  end(): Promise<void>;
}

/** What the sessions are made with. */
export interface SessionsParts {
  /** Keeps ids valid over a restart. */
  secret: string;
  /** The peers of a session; without an id, of all calls that stand for themselves. */
  seat(holder: Holder, id: string | undefined): Seated;
  open(id: string, agent: Agent, ended: () => Promise<void>): Promise<HttpSession>;
  openSingle(agent: Agent): HttpSession;
}

type Kept = LiveSession & { holder: Holder; seated: Seated };

type Found = LiveSession | 'full' | undefined;

/**
 * Every session has an end: `DELETE`, or disuse (`mcp_http_idle_ms`, or `mcp_http_gone_ms` after
 * its stream ended). One that was let go, or whose broker was killed, begins again with its next
 * request: its id proves itself, and its peer is in the log.
 */
export class McpSessions {
  readonly #parts: SessionsParts;
  readonly #ids: SessionIds;
  readonly #live = new Map<string, Promise<Kept>>();
  /** Ended by their clients, as far back as anybody may ask. */
  readonly #ended = new Set<string>();
  readonly #look: NodeJS.Timeout;
  readonly #leaving = new Set<Promise<unknown>>();

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    this.#ids = new SessionIds(parts.secret);
    this.#look = setInterval(() => void this.letGo(performance.now()), limits.mcp_http_look_ms);
    this.#look.unref();
  }

  /** A new session; undefined when there are too many in use. */
  async begin(holder: Holder): Promise<LiveSession | undefined> {
    await this.#replace(holder);
    if (!(await this.#hasRoom())) return undefined;
    return this.#open(holder, this.#ids.make(holder, Date.now()));
  }

  /** What serves calls that stand for themselves; undefined when there is too much in use. */
  async single(holder: Holder): Promise<LiveSession | undefined> {
    const { bearer, name, circle, isFull } = holder;
    const id = JSON.stringify([bearer, name, circle, isFull]);
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    return (await this.#hasRoom()) ? this.#open(holder, id, true) : undefined;
  }

  /**
   * A session by its id, begun again where it is not in memory; undefined for an id that was never
   * ours, is another's, or has ended.
   */
  async find(holder: Holder, id: string): Promise<Found> {
    const check = this.#ids.check(id, holder, Date.now());
    if (check === 'foreign' || this.#ended.has(id)) return undefined;
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    if (check === 'old') return undefined;
    if (!(await this.#hasRoom())) return 'full';
    return this.#live.get(id) ?? this.#open(holder, id);
  }

  /** Lets go whatever is not used at this moment of the monotonic clock, in ms. */
  async letGo(now_ms: number): Promise<void> {
    for (const session of await this.#settled()) {
      const most = session.isListener ? limits.mcp_http_gone_ms : limits.mcp_http_idle_ms;
      if (session.open === 0 && now_ms - session.used_ms > most) void this.#release(session);
    }
    await Promise.all(this.#leaving);
  }

  /** Ends all streams; the peers are offline then. */
  async close(): Promise<void> {
    clearInterval(this.#look);
    for (const session of await this.#settled()) void this.#release(session);
    await Promise.all(this.#leaving);
  }

  #open(holder: Holder, id: string, isSingle = false): Promise<LiveSession> {
    const seated = this.#parts.seat(holder, isSingle ? undefined : id);
    const { agent } = seated;
    const opening = (async () => {
      const ended = () => this.#end(id, seated);
      const http = isSingle
        ? this.#parts.openSingle(agent)
        : await this.#parts.open(id, agent, ended);
      const used_ms = performance.now();
      return { id, http, holder, seated, open: 0, isListener: false, used_ms };
    })();
    this.#live.set(id, opening);
    opening.catch(() => this.#live.delete(id));
    return opening;
  }

  /** Who comes back under its name has hung up before, also where it did not say so. */
  async #replace({ bearer, name }: Holder): Promise<void> {
    if (name === undefined) return;
    for (const session of await this.#settled()) {
      const { holder, isListener, open } = session;
      const isSame = holder.bearer === bearer && holder.name === name;
      if (isSame && isListener && open === 0) await this.#release(session);
    }
  }

  async #end(id: string, seated: Seated): Promise<void> {
    this.#live.delete(id);
    this.#ended.add(id);
    const [oldest] = this.#ended;
    if (this.#ended.size > limits.mcp_http_sessions_items && oldest) this.#ended.delete(oldest);
    await seated.end();
  }

  #release({ id, http, seated }: Kept): Promise<unknown> {
    this.#live.delete(id);
    const leaving = Promise.all([http.close(), seated.release()]).catch(() => {});
    this.#leaving.add(leaving);
    return leaving.then(() => this.#leaving.delete(leaving));
  }

  /** Room for one more, for which the session that was unused longest may have to go. */
  async #hasRoom(): Promise<boolean> {
    if (this.#live.size < limits.mcp_http_sessions_items) return true;
    const idle = (await this.#settled()).filter(({ open }) => open === 0);
    const [oldest] = idle.sort((a, b) => a.used_ms - b.used_ms);
    if (oldest !== undefined) void this.#release(oldest);
    return oldest !== undefined;
  }

  async #settled(): Promise<Kept[]> {
    const all = await Promise.allSettled(this.#live.values());
    return all.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
  }
}
