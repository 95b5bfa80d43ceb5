// The MCP server on the broker's port: which peer each session over HTTP is.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Agent, type AgentCaller } from '../../mcp/agent.js';
import { McpMount } from '../../mcp/http/mount.js';
import type { Holder } from '../../mcp/http/session-ids.js';
import type { Seated } from '../../mcp/http/sessions.js';
import { MeshLine } from '../../mcp/line.js';
import { Brokers } from '../../sdk/brokers.js';
import { RefusalError } from '../../sdk/errors.js';
import { callOnce } from '../../sdk/post.js';
import { Failure } from '../../terminal/exit.js';
import { readSecret, type Site } from '../reach/endpoint.js';
import { findPerson } from '../reach/identity.js';
import { logDirectory } from '../reach/paths.js';
import { openReach, type Reach } from '../reach/reach.js';
import { AUTOMATIC, nameFrom, type Speaker, whoOfSession } from '../reach/who.js';
import { version } from '../version.js';
import { isHookable, runtimeOfCaller } from './callers.js';
import { credentialOf } from './serve.js';

/** The broker on whose port it is served. */
export interface McpPlace {
  url: string;
  token_file: string;
  mesh: string;
  log: string;
  dataDir: string;
  /** Where the identities of all logs lie. */
  state(): string;
}

/** Opens the door at /mcp. Rejects where the operator's token cannot be read. */
export async function openMcpMount(place: McpPlace): Promise<McpMount> {
  const token = await readSecret(place.token_file, 'token');
  const seats = new Seats(place, token);
  return new McpMount({
    version,
    secret: token,
    check: bearer => check(place.url, bearer),
    seat: (holder, id) => seats.seat(holder, id),
  });
}

async function check(url: string, credential: string) {
  try {
    await callOnce({ url, credential, wait_ms: limits.mcp_patience_ms }, 'peer.whoami', {});
    return 'good';
  } catch (error) {
    const isAnswer = error instanceof RefusalError && error.refusal !== 'unavailable';
    if (!isAnswer) return 'unavailable';
    return error.refusal === 'unauthorized' ? 'unknown' : 'good';
  }
}

/** Who sits where: sessions of one token are different peers, also under one name. */
class Seats {
  readonly #place: McpPlace;
  readonly #operator: string;
  /** Which session has the peer of a name. */
  readonly #held = new Map<string, string>();

  constructor(place: McpPlace, operator: string) {
    this.#place = place;
    this.#operator = operator;
  }

  seat(holder: Holder, id: string | undefined): Seated {
    const own = keyOf(['session', holder.bearer, id ?? '']);
    const named = keyOf(['name', holder.bearer, holder.name ?? '', holder.circle ?? '']);
    const agent = new Agent({
      isFull: holder.isFull,
      open: caller => {
        const { session } = caller;
        if (id === undefined && session === undefined && holder.name === undefined) throw NAMELESS;
        const key = session ?? '';
        return { key, line: () => this.#line(holder, caller, () => this.#key(own, named, holder)) };
      },
    });
    const release = async () => {
      await agent.close();
      if (this.#held.get(named) === own) this.#held.delete(named);
    };
    const end = async () => {
      await release();
      await this.#leave(holder, own);
    };
    return { agent, release, end };
  }

  /** Of those that ask for one name the first has it, and has it again when it comes back. */
  async #key(own: string, named: string, { name }: Holder): Promise<string> {
    if (name === undefined || (await findPerson(this.#room, own)) !== undefined) return own;
    const by = this.#held.get(named) ?? own;
    if (by !== own) return own;
    this.#held.set(named, own);
    return named;
  }

  #line(holder: Holder, caller: AgentCaller, keyOfSession: () => Promise<string>): MeshLine {
    const runtime = runtimeOfCaller(caller);
    const { circle, bearer } = holder;
    const { url } = this.#place;
    const { session = holder.name ?? 'mcp' } = runtime;
    return new MeshLine({
      session: () => session,
      isUnhooked: runtime.session === undefined || !isHookable(runtime),
      takeSeat: async () => {
        const hasMoved = async () => false;
        const urls = [url];
        if (isPeer(bearer)) return { urls, credential: bearer, hasMoved };
        const who = await this.#who(holder, caller, keyOfSession);
        return { urls, credential: await credentialOf(this.#reach(holder, who), circle), hasMoved };
      },
      connect: async ({ urls, credential }, onNotice) => {
        const { connect } = await import('../../index.js');
        return connect({ url: urls, credential, onNotice, wait_ms: limits.mcp_patience_ms });
      },
    });
  }

  /**
   * A session that its runtime names is, for the operator, the peer that its hooks and shells here
   * speak as; another token's is its own.
   */
  async #who(
    { bearer, name }: Holder,
    caller: AgentCaller,
    keyOfSession: () => Promise<string>,
  ): Promise<Speaker> {
    const runtime = runtimeOfCaller(caller);
    if (runtime.session !== undefined && bearer === this.#operator) {
      return whoOfSession('/', runtime, name);
    }
    const key =
      runtime.session === undefined
        ? await keyOfSession()
        : keyOf([runtime.name, bearer, runtime.session]);
    const person = name ?? nameFrom(caller.client || 'mcp');
    return { person, key, role: 'agent', runtime: runtime.name };
  }

  #reach({ bearer, circle }: Holder, who: Speaker): Reach {
    const { state } = this.#place;
    return openReach({ site: this.#site(bearer), who, state, say() {}, ...(circle && { circle }) });
  }

  #site(token: string): Site {
    const { url, mesh, log, dataDir } = this.#place;
    const brokers = new Brokers(url);
    return { url, brokers, token, mesh, log, dataDir };
  }

  /** Nobody can come back as the peer of a session that has ended, unless by its name. */
  async #leave(holder: Holder, own: string): Promise<void> {
    if (isPeer(holder.bearer)) return;
    const person = await findPerson(this.#room, own);
    if (person === undefined) return;
    const who: Speaker = { person: person.name, key: own, role: 'agent' };
    await this.#reach(holder, who).leave();
    await rm(join(this.#room, `${own}.json.left`), { force: true });
  }

  get #room(): string {
    return logDirectory(this.#place.state(), this.#place.log);
  }
}

const NAMELESS = new Failure('usage', 'this call does not say whose it is', {
  hint: 'put a name of your own into the address of this server, as /mcp?name=api',
});

function isPeer(bearer: string): boolean {
  return bearer.startsWith('peer_') && bearer.includes('.');
}

function keyOf(words: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['mcp', ...words]))
    .digest('hex');
  return `${AUTOMATIC}${hash.slice(0, limits.cli_key_chars)}`;
}
