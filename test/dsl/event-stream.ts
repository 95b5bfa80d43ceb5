// A reader of server-sent events, written from the HTML standard and REFERENCE.md alone.
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Test } from 'tap';

export interface ServerEvent {
  id: string;
  type: string;
  data: string;
}

export interface Listening {
  /** `http://…` */
  url: string;
  credential?: string;
  /** The query of `/events`. */
  query?: string;
  /** Where it stood, as a reader that comes back says it. */
  last?: string;
  method?: string;
  headers?: Record<string, string>;
}

/** One stream as it is read. */
export class EventReader {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly events: ServerEvent[] = [];
  /** Comments and retries, as they came. */
  readonly asides: string[] = [];
  /** The id that the reader would come back with. */
  last = '';
  isEnded = false;
  readonly #req: ClientRequest;
  readonly #res: IncomingMessage;
  #text = '';
  #wakers: (() => void)[] = [];

  constructor(req: ClientRequest, res: IncomingMessage) {
    this.#req = req;
    this.#res = res;
    this.status = res.statusCode ?? 0;
    this.headers = res.headers;
    res.setEncoding('utf8');
    res.on('data', (text: string) => this.#read(text));
    res.on('close', () => {
      this.isEnded = true;
      this.#wake();
    });
    res.on('error', () => {});
  }

  /** `[position, time, event, void?]` of each event of the log. */
  get records(): unknown[][] {
    return this.events.filter(({ type }) => type !== 'end').map(({ data }) => JSON.parse(data));
  }

  get positions(): number[] {
    return this.records.map(([position]) => Number(position));
  }

  /** Resolves once the condition holds; rejects when the stream ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.isEnded) throw new Error(`the stream ended: ${JSON.stringify(this.events.at(-1))}`);
      await this.#news();
    }
  }

  async ended(): Promise<void> {
    while (!this.isEnded) await this.#news();
  }

  pause(): void {
    this.#res.pause();
  }

  resume(): void {
    this.#res.resume();
  }

  hangUp(): void {
    this.#req.destroy();
  }

  /** Resolves when more has come, or nothing more will. */
  #news(): Promise<void> {
    return new Promise(resolve => this.#wakers.push(resolve));
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  #read(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) this.#take(block.split('\n'));
    this.#wake();
  }

  #take(lines: readonly string[]): void {
    let type = 'message';
    let data: string | undefined;
    for (const line of lines) {
      const [field, value] = fieldOf(line);
      if (field === 'id') this.last = value;
      else if (field === 'event') type = value;
      else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
      else this.asides.push(line);
    }
    if (data !== undefined) this.events.push({ id: this.last, type, data });
  }
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}

/** Opens the stream; whatever the status is, it is there to be looked at. */
export async function listen(t: Test | undefined, from: Listening): Promise<EventReader> {
  const { url, credential, query = '', last, method = 'GET', headers = {} } = from;
  const req = request(`${url}/events${query && `?${query}`}`, {
    method,
    agent: false,
    headers: {
      accept: 'text/event-stream',
      ...(credential && { authorization: `Bearer ${credential}` }),
      ...(last && { 'last-event-id': last }),
      ...headers,
    },
  });
  t?.teardown(() => req.destroy());
  req.on('error', () => {});
  req.end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return new EventReader(req, res);
}

/** The error of an answer that turned the reader away. */
export async function refusedTo(from: Listening): Promise<{ status: number; refusal: string }> {
  const { url, credential, query = '', last, headers = {} } = from;
  const res = await fetch(`${url}/events${query && `?${query}`}`, {
    headers: {
      ...(credential && { authorization: `Bearer ${credential}` }),
      ...(last && { 'last-event-id': last }),
      ...headers,
    },
  });
  const { error } = (await res.json()) as { error: { data: { refusal: string } } };
  return { status: res.status, refusal: error.data.refusal };
}
