// Streamable HTTP at /mcp: who may ask, which session asks, and how each request is answered.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NAME } from '../../../schemas/common.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { hasSessions, openHttpSession, openSinglesDoor, type SinglesDoor } from '../door.js';
import { readJson, refuse, send, type TurnedAway, webRequest } from './exchange.js';
import type { Holder } from './session-ids.js';
import { type LiveSession, McpSessions, type Seated } from './sessions.js';

/** What the door stands on. */
export interface McpMountParts {
  version: string;
  /** Keeps ids of sessions valid over a restart. */
  secret: string;
  /** Whether the broker takes a credential just now. */
  check(bearer: string): Promise<'good' | 'unknown' | 'unavailable'>;
  /** The peers of a session; without an id, of all calls that stand for themselves. */
  seat(holder: Holder, id: string | undefined): Seated;
}

/** The door. Whose Host and Origin are not allowed never comes so far. */
export class McpMount {
  readonly #parts: McpMountParts;
  readonly #sessions: McpSessions;
  readonly #singles: SinglesDoor;
  /** Credentials that were good a moment ago, by their hash. */
  readonly #known = new Map<string, number>();

  constructor(parts: McpMountParts) {
    this.#parts = parts;
    const { version, secret } = parts;
    this.#singles = openSinglesDoor(version);
    this.#sessions = new McpSessions({
      secret,
      seat: parts.seat,
      open: (id, agent, ended) => openHttpSession({ id, agent, version, ended }),
      openSingle: agent => ({
        answer: (request, body) => this.#singles.answer(request, body, agent),
        close: async () => {},
      }),
    });
  }

  /** Answers one request. */
  async serve(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const refused = await this.#answer(req, res, path);
    if (refused !== undefined) refuse(res, refused);
  }

  /** Lets go what nobody uses at this moment of the monotonic clock, in ms. */
  letGo(now_ms: number): Promise<void> {
    return this.#sessions.letGo(now_ms);
  }

  /** Ends all sessions; they may go on with another broker of the same secret. */
  async close(): Promise<void> {
    await Promise.all([this.#sessions.close(), this.#singles.close()]);
  }

  async #answer(
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
  ): Promise<TurnedAway | undefined> {
    if (path !== '/') return no(404, 'There is nothing here; MCP is at /mcp.');
    const { method = '' } = req;
    if (!METHODS.includes(method)) {
      return no(405, `Use ${METHODS.join(', ')}.`, { Allow: METHODS.join(', ') });
    }
    const [, bearer] = /^Bearer +([\x21-\x7e]+)$/i.exec(req.headers.authorization ?? '') ?? [];
    if (bearer === undefined) return UNNAMED;
    const standing = await this.#standing(bearer);
    if (standing === 'unknown') return UNKNOWN;
    if (standing === 'unavailable') return LATER;
    const asked = askedBy(req, bearer);
    if ('status' in asked) return asked;
    const request = webRequest(req, res);
    if (method !== 'POST') return this.#serveSession(request, res, asked, undefined);
    const read = await readJson(req);
    if (read === undefined || 'status' in read) return read;
    return this.#post(request, res, asked, read.body);
  }

  async #post(request: Request, res: ServerResponse, asked: Holder, body: unknown) {
    if (!(await hasSessions(request, body))) {
      const single = await this.#sessions.single(asked);
      return single === undefined ? FULL : this.#exchange(single, request, res, body);
    }
    const isBeginning =
      typeof body === 'object' && body !== null && 'method' in body && body.method === 'initialize';
    if (!isBeginning) return this.#serveSession(request, res, asked, body);
    if (request.headers.has(SESSION)) {
      return no(400, 'The session is initialized; begin another without Mcp-Session-Id.');
    }
    const live = await this.#sessions.begin(asked);
    return live === undefined ? FULL : this.#exchange(live, request, res, body);
  }

  async #serveSession(request: Request, res: ServerResponse, asked: Holder, body: unknown) {
    const id = request.headers.get(SESSION);
    if (id === null) return no(400, 'Send the Mcp-Session-Id that initialize was answered with.');
    const found = await this.#sessions.find(asked, id);
    if (found === 'full') return FULL;
    if (found === undefined) return GONE;
    return this.#exchange(found, request, res, body);
  }

  async #exchange(live: LiveSession, request: Request, res: ServerResponse, body: unknown) {
    if (live.open >= limits.mcp_http_requests_items) return BUSY;
    if (res.destroyed) return undefined;
    live.open++;
    res.once('close', () => {
      live.open--;
      live.used_ms = performance.now();
    });
    const answer = await live.http.answer(request, body);
    if (request.method === 'GET' && answer.ok) live.isListener = true;
    await send(res, answer);
    return undefined;
  }

  async #standing(bearer: string): Promise<'good' | 'unknown' | 'unavailable'> {
    const hash = createHash('sha256').update(bearer).digest('base64');
    const now = performance.now();
    if ((this.#known.get(hash) ?? 0) > now) return 'good';
    const standing = await this.#parts.check(bearer);
    if (standing !== 'good') return standing;
    this.#known.delete(hash);
    this.#known.set(hash, now + limits.mcp_http_token_ms);
    const [oldest] = this.#known.keys();
    if (this.#known.size > limits.mcp_http_sessions_items && oldest) this.#known.delete(oldest);
    return standing;
  }
}

const METHODS = ['GET', 'POST', 'DELETE'];
const SESSION = 'mcp-session-id';

function no(status: number, message: string, headers?: TurnedAway['headers']): TurnedAway {
  return { status, code: -32600, message, ...(headers && { headers }) };
}

const BEARER = { 'WWW-Authenticate': 'Bearer' };
const UNNAMED: TurnedAway = {
  ...no(401, 'Send Authorization: Bearer <token>.', BEARER),
  code: -32001,
};
const UNKNOWN: TurnedAway = {
  ...no(401, 'The token is unknown, revoked or expired; get another.', BEARER),
  code: -32001,
};
const GONE: TurnedAway = {
  ...no(404, 'There is no such session of this token; begin anew: initialize.'),
  code: -32001,
};
const LATER: TurnedAway = {
  ...no(503, 'The broker cannot answer just now; try again.', { 'Retry-After': '1' }),
  code: -32007,
};
const FULL: TurnedAway = {
  ...no(503, 'Too many sessions are in use; end one, or try again.', { 'Retry-After': '5' }),
  code: -32005,
};
const BUSY: TurnedAway = {
  ...no(429, 'Too many requests of this session are under way; wait for one.', {
    'Retry-After': '1',
  }),
  code: -32005,
};

/** What the address or the headers ask for: `?name=api&circle=web&tools=full`. */
function askedBy(req: IncomingMessage, bearer: string): Holder | TurnedAway {
  const { searchParams } = new URL(req.url ?? '/', 'http://127.0.0.1');
  const said = (word: string) => {
    const header = req.headers[`signalbox-${word}`];
    return (typeof header === 'string' ? header : undefined) ?? searchParams.get(word) ?? '';
  };
  const [name, circle] = [said('name'), said('circle')];
  for (const word of [name, circle]) {
    if (word !== '' && !NAME.test(word)) return no(400, 'A name is 1-64 of a-z 0-9 . _ -.');
  }
  return {
    bearer,
    isFull: said('tools') === 'full',
    ...(name !== '' && { name }),
    ...(circle !== '' && { circle }),
  };
}
