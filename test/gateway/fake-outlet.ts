// A connection that remembers what it was sent, and whose socket fills and drains at a word.
import type { Author } from '../../broker/core/words.js';
import type { Outlet } from '../../broker/gateway/shared/outlet.js';
import { decode, encode } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { until as lookUntil } from '../dsl/until.js';

export type Row = [number, number, { type: string; text?: string } | null, string?];

/** The fields of every notification there is; each has its own few of them. */
export interface Told {
  subscription: string;
  after: string;
  to: string;
  live: boolean;
  records: Row[];
  position: number;
  ref: string;
  reason: string;
  kind: string;
  text: string;
  from_name: string;
  generation: number;
  repeated?: boolean;
  expires_at?: number;
}

export interface Message {
  method: string;
  params: Told;
}

export class FakeOutlet implements Outlet {
  readonly encoding: Encoding;
  readonly author: Author;
  /** As they left, encoded. */
  readonly frames: (Uint8Array | string)[] = [];
  isFull = false;
  /** When set, the socket is full after so many more frames. */
  room = Number.POSITIVE_INFINITY;
  isClosed = false;
  private resumes: (() => void)[] = [];
  private releases: (() => void)[] = [];

  constructor(author: Author = { token: OPERATOR }, encoding: Encoding = 'msgpack') {
    this.author = author;
    this.encoding = encoding;
  }

  send(message: object): void {
    this.sendEncoded(encode(this.encoding, message));
  }

  sendEncoded(frame: Uint8Array | string): void {
    this.frames.push(frame);
    if (--this.room <= 0) this.isFull = true;
  }

  writable = () => !this.isFull;

  whenWritable(resume: () => void): void {
    this.resumes.push(resume);
  }

  whenClosed(release: () => void): () => void {
    if (this.isClosed) release();
    else this.releases.push(release);
    return () => {
      this.releases = this.releases.filter(other => other !== release);
    };
  }

  /** How many wait to be told of the end. */
  get waiting(): number {
    return this.releases.length;
  }

  /** Room for so many frames more. */
  drain(room = Number.POSITIVE_INFINITY): void {
    this.isFull = false;
    this.room = room;
    const resumes = this.resumes;
    this.resumes = [];
    for (const resume of resumes) resume();
  }

  fail(): void {
    this.close();
  }

  close(): void {
    this.isClosed = true;
    this.resumes = [];
    for (const release of this.releases) release();
  }

  get messages(): Message[] {
    return this.frames.map(frame => {
      const bytes = typeof frame === 'string' ? Buffer.from(frame) : frame;
      return decode(this.encoding, bytes) as Message;
    });
  }

  /** The params of every message of a method. */
  told(method: string): Told[] {
    return this.messages.filter(message => message.method === method).map(({ params }) => params);
  }

  /** The records it was sent; throws when one frame does not begin where the last one ended. */
  get records(): Row[] {
    let to: string | undefined;
    const rows: Row[] = [];
    for (const frame of this.told('log.records')) {
      if (to !== undefined && frame.after !== to) throw new Error(`${frame.after} is not ${to}`);
      to = frame.to;
      rows.push(...frame.records);
    }
    return rows;
  }

  get texts(): (string | undefined)[] {
    return this.records.map(([, , event]) => event?.text ?? event?.type);
  }

  get isLive(): boolean {
    return this.told('log.records').at(-1)?.live === true;
  }
}

export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** A turn of the loop takes microseconds: what a timer brings comes after very many of them. */
const TURNS = 20_000_000;

/** Resolves once the condition holds, looked at in every turn of the loop. */
export async function until(holds: () => boolean): Promise<void> {
  await lookUntil(() => holds(), { what: String(holds), rest: turn, looks: TURNS });
}
