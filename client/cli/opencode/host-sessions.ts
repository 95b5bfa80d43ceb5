// The sessions of one OpenCode process: which are people's, which are subagents', and their events.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { Surroundings } from '../cli.js';
import type { HostClient, HostEvent, HostMessage } from './host.js';
import { HostSession } from './host-session.js';
import { MailWatch, type WatchSocketClass } from './mail-watch.js';
import { SessionLine } from './session-line.js';

interface Known {
  session: HostSession;
  watch: MailWatch;
}

/** What providers say, each in its own words. */
const LIMITED = /rate.?limit|too many requests|quota|overloaded|429/i;

const OPEN = Symbol.for('signalbox.opencode');

/** Keeps those that began or were spoken to in this process; an old one is nobody until then. */
export class HostSessions {
  readonly #client: HostClient;
  readonly #world: Surroundings;
  readonly #wait_ms: number;
  readonly #known = new Map<string, Known>();
  /** Who called a session, where one did; undefined for those of people. */
  readonly #parents = new Map<string, string | undefined>();
  /** How many tools of a session run. */
  readonly #tools = new Map<string, number>();
  #isOver = false;
  #said = '';

  private constructor(client: HostClient, world: Surroundings, wait_ms: number) {
    this.#client = client;
    this.#world = world;
    this.#wait_ms = wait_ms;
  }

  /** Of two plugins in one folder, as by user and by project, the newer one works. */
  static open(client: HostClient, world: Surroundings, wait_ms: number): HostSessions {
    const all = Object(globalThis) as { [OPEN]?: Map<string, HostSessions> };
    all[OPEN] ??= new Map();
    all[OPEN].get(world.directory)?.close();
    const sessions = new HostSessions(client, world, wait_ms);
    all[OPEN].set(world.directory, sessions);
    return sessions;
  }

  /** All peers are offline then, and no hook does anything more. */
  close(): void {
    this.#isOver = true;
    for (const id of [...this.#known.keys()]) this.#end(id);
  }

  /** The session of a person by its id; undefined for that of a subagent. */
  async of(id: string | undefined): Promise<HostSession | undefined> {
    if (id === undefined || this.#isOver) return undefined;
    const known = this.#known.get(id)?.session;
    if (known !== undefined) return known;
    return (await this.rootOf(id)) === id ? this.#begin(id, true) : undefined;
  }

  /** The session of a person for which one works; undefined where OpenCode does not say. */
  async rootOf(id: string | undefined): Promise<string | undefined> {
    let at = id;
    for (let hops = 0; at !== undefined && hops < limits.plugin_parents_hops; hops += 1) {
      if (!this.#parents.has(at)) {
        const { data } = await this.#client.session.get({ path: { id: at } });
        if (data === undefined) return undefined;
        this.#parents.set(at, data.parentID);
      }
      const parent = this.#parents.get(at);
      if (parent === undefined) return at;
      at = parent;
    }
    return undefined;
  }

  /** A tool of a session begins or ends. */
  tool(id: string, more: 1 | -1): void {
    this.#tools.set(id, Math.max(0, (this.#tools.get(id) ?? 0) + more));
  }

  hasTools(id: string): boolean {
    return (this.#tools.get(id) ?? 0) > 0;
  }

  async hear({ type, properties }: HostEvent): Promise<void> {
    const { sessionID, info, status } = properties;
    const id = sessionID ?? info?.id;
    if (id === undefined || this.#isOver) return;
    switch (type) {
      case 'session.created':
        this.#parents.set(id, info?.parentID);
        if (info?.parentID === undefined) this.#begin(id, false);
        return;
      case 'session.deleted':
        this.#end(id);
        return;
      case 'message.updated':
        return this.#used(id, info);
      case 'session.status':
        return this.#stands(id, status);
      case 'permission.asked':
      case 'question.asked':
        return this.#known.get(id)?.session.stands('awaiting_input');
      case 'permission.replied':
      case 'question.replied':
        return this.#known.get(id)?.session.stands('working');
      case 'session.idle':
        return this.#known.get(id)?.session.rests();
    }
  }

  async #stands(id: string, status: HostEvent['properties']['status']): Promise<void> {
    const session = this.#known.get(id)?.session;
    const { type, message = '' } = status ?? {};
    // A tool that failed or was broken off has no end of its own.
    if (type === 'idle') this.#tools.delete(id);
    if (type === 'busy') await session?.stands('working');
    if (type === 'retry' && LIMITED.test(message)) await session?.stands('rate_limited');
  }

  #used(id: string, info: HostMessage | undefined): void {
    if (info?.role !== 'assistant' || info.tokens === undefined || info.summary === true) return;
    const { input, output, cache } = info.tokens;
    this.#known.get(id)?.session.used(info.id, {
      model: info.modelID ?? 'unknown',
      input_tokens: input + (cache?.read ?? 0) + (cache?.write ?? 0),
      output_tokens: output,
      ...(info.cost !== undefined && info.cost > 0 && { cost_usd: info.cost }),
    });
  }

  #begin(id: string, isResumed: boolean): HostSession {
    const known = this.#known.get(id);
    if (known !== undefined) return known.session;
    const say = (message: string) => this.#say(message);
    const line = new SessionLine({ session: id, world: this.#world, wait_ms: this.#wait_ms, say });
    const canWake = process.argv.slice(2).find(word => !word.startsWith('-')) !== 'run';
    const block = () => line.block();
    const parts = { id, client: this.#client, line, isResumed, canWake, block, say };
    const session = new HostSession(parts);
    const { WebSocket } = globalThis as unknown as { WebSocket: WatchSocketClass };
    const watch = new MailWatch({
      Socket: WebSocket,
      seat: () => {
        line.forget();
        return line.peer();
      },
      onMail: () => void session.mail(),
    });
    this.#known.set(id, { session, watch });
    const [oldest] = this.#known.keys();
    if (this.#known.size > limits.plugin_sessions_items && oldest !== undefined) this.#end(oldest);
    return session;
  }

  #end(id: string): void {
    const known = this.#known.get(id);
    this.#known.delete(id);
    this.#tools.delete(id);
    known?.watch.end();
    known?.session.end();
  }

  /** Into OpenCode's own log, once for the same again and again. */
  #say(message: string): void {
    if (message === this.#said) return;
    this.#said = message;
    const body = { service: 'signalbox', level: 'warn' as const, message };
    this.#client.app.log({ body }).catch(() => {});
  }
}
