// Server-sent events: the log as a stream that a plain HTTP client can follow and resume.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../../../schemas/limits.js';
import type { Parsed } from '../../../schemas/method.js';
import { isRefusal, type Refusal, type RefusalName, refuse } from '../../../schemas/refusal.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { readParams } from '../calls/params.js';
import { mayCall } from '../calls/rpc.js';
import type { Fanout } from '../observe/fanout.js';
import { doorTime } from '../shared/access.js';
import type { Counters } from '../shared/counters.js';
import { ousting } from '../shared/ousting.js';
import type { Rates } from '../shared/rates.js';
import { type Rejection, reject } from '../shared/rejection.js';
import { EventOutlet } from './event-outlet.js';

export interface EventStreamParts {
  door: Door;
  fanout: Fanout;
  rates: Rates;
  counters: Counters;
  /** How often a stream without news bears a comment. */
  beatEveryMs: number;
}

/** The open streams at `/events`; each ends with its author's rights. */
export class EventStreams {
  readonly #parts: EventStreamParts;
  readonly #open = new Set<EventOutlet>();
  readonly #timers: NodeJS.Timeout[];
  readonly #deafen: () => void;
  #ousting: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#timers = [
      setInterval(() => this.#beat(), parts.beatEveryMs),
      setInterval(() => this.#endOusted(), limits.tick_ms),
    ];
    this.#deafen = parts.door.listen(({ records }) => {
      if (!records.some(({ type }) => ousting.has(type))) return;
      this.#ousting ??= setTimeout(() => this.#endOusted(), limits.ousted_ms);
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Answers a GET or HEAD with the log from `Last-Event-ID`, else from where the query says, else
   * from now on; or says why not, under the names of `log.observe`.
   */
  async answer(
    req: IncomingMessage,
    res: ServerResponse,
    query: string,
    author: Author,
  ): Promise<Rejection | undefined> {
    // Behind another answer on its connection it would wait for that one, and keep what it is told.
    if (res.socket === null) {
      return reject(400, 'invalid_request', 'Open the stream on a connection of its own.');
    }
    const outlet = new EventOutlet(res, author);
    const refusal = await this.#observe(outlet, readQuery(req, query));
    this.#parts.counters.answered('log.observe', refusal?.refusal ?? 'ok');
    if (outlet.isClosed) return undefined;
    if (refusal) {
      outlet.release();
      return rejectionOf(refusal);
    }
    if (req.method === 'HEAD') outlet.answerHead();
    else this.#begin(outlet);
    return undefined;
  }

  /** Tells every reader that it may come back, here or to another broker. */
  close(): void {
    this.#isClosing = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#ousting);
    this.#deafen();
    for (const outlet of this.#open) outlet.end(RESTART);
  }

  async #observe(outlet: EventOutlet, given: object | Refusal): Promise<Refusal | undefined> {
    const { door, fanout, rates } = this.#parts;
    const { author } = outlet;
    const objection = mayCall(author, 'log.observe', door, rates);
    if (objection) return objection;
    if (isRefusal(given)) return given;
    const read = readParams('log.observe', given);
    if (isRefusal(read)) return read;
    const answer = await fanout.observe(outlet, read.params as Parsed<'log.observe'>);
    return isRefusal(answer) ? answer : undefined;
  }

  #begin(outlet: EventOutlet): void {
    outlet.open();
    this.#open.add(outlet);
    outlet.whenClosed(() => this.#open.delete(outlet));
    if (this.#isClosing) outlet.end(RESTART);
    else this.#endIfOusted(outlet);
  }

  #beat(): void {
    for (const outlet of this.#open) outlet.beat();
  }

  #endOusted(): void {
    this.#ousting = undefined;
    for (const outlet of this.#open) this.#endIfOusted(outlet);
  }

  #endIfOusted(outlet: EventOutlet): void {
    const { door } = this.#parts;
    const held = standingOf(door.table, outlet.author, doorTime(door));
    if (isRefusal(held)) outlet.end(held);
  }
}

const RESTART = refuse('unavailable', 'The broker restarts; connect again with Last-Event-ID.');

const lists = ['circles', 'kinds', 'types', 'peers', 'refs'];

/** The parameters of `log.observe` as a query spells them; they are checked as those are. */
function readQuery({ headers }: IncomingMessage, text: string): object | Refusal {
  const query = new URLSearchParams(text);
  const { from, time, position, ...others } = Object.fromEntries(
    [...new Set(query.keys())].map(key => [key, query.getAll(key)]),
  );
  const places = [
    ...(from ?? []),
    ...(time ?? []).map(value => ({ time: numeric(value) })),
    ...(position ?? []).map(value => ({ position: numeric(value) })),
  ];
  const filter: Record<string, string[]> = {};
  for (const [key, values] of Object.entries(others)) {
    if (!lists.includes(key)) {
      const known = ['from', 'time', 'position', ...lists].join(', ');
      return refuse('invalid', `The query has a word that is not known here; it takes ${known}.`);
    }
    filter[key] = values.flatMap(value => value.split(','));
  }
  // A reader that comes back sends the same query, and where it stood beside it.
  const last = headers['last-event-id'];
  if (places.length > 1) {
    return refuse('invalid', 'The query names several places; give one of from, time, position.');
  }
  return { from: last || (places[0] ?? 'now'), ...(Object.keys(filter).length > 0 && { filter }) };
}

function numeric(value: string): string | number {
  return /^\d{1,16}$/.test(value) ? Number(value) : value;
}

const statuses: Partial<Record<RefusalName, number>> = {
  unauthorized: 401,
  forbidden: 403,
  circle_forbidden: 403,
  peer_retired: 403,
  cursor_foreign: 409,
  cursor_diverged: 409,
  cursor_ahead: 409,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
};

function rejectionOf(refusal: Refusal): Rejection {
  const after = refusal.data?.retry_after_s;
  const status = statuses[refusal.refusal] ?? 400;
  if (typeof after !== 'number') return { status, refusal };
  return { status, refusal, headers: { 'Retry-After': `${Math.ceil(after)}` } };
}
