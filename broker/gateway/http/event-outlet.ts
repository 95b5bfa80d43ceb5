// The outlet of one stream of server-sent events: an HTTP answer that goes on at a reader's pace.
import type { ServerResponse } from 'node:http';
import { limits } from '../../../schemas/limits.js';
import type { Refusal } from '../../../schemas/refusal.js';
import type { Author } from '../../core/words.js';
import { internal } from '../../system/fault.js';
import type { LogOutlet } from '../shared/outlet.js';
import { plainHeaders } from '../shared/rejection.js';

const HEADERS = {
  ...plainHeaders,
  'Content-Type': 'text/event-stream',
  // A proxy that gathers an answer before it passes it on would never pass this one on.
  'X-Accel-Buffering': 'no',
  // Nothing can follow an answer without an end.
  Connection: 'close',
};

/** Writes nothing before `open`; nothing is queued beyond what the socket takes. */
export class EventOutlet implements LogOutlet {
  readonly encoding = 'events';
  readonly author: Author;
  readonly #res: ServerResponse;
  #resumes: (() => void)[] = [];
  readonly #releases = new Set<() => void>();
  #isSilent = true;
  #isClosed = false;

  constructor(res: ServerResponse, author: Author) {
    this.#res = res;
    this.author = author;
    res.on('drain', this.#resume);
    res.on('close', this.release);
    // What a peer that hung up does to a write is told by 'close' as well.
    res.on('error', this.release);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends the head, and how long a reader waits before it comes back. */
  open(): void {
    this.#res.writeHead(200, HEADERS);
    this.#res.write(`retry: ${limits.event_retry_ms}\n\n`);
  }

  /** Sends the head alone, to who asked for no more. */
  answerHead(): void {
    this.release();
    this.#res.writeHead(200, HEADERS).end();
  }

  sendEncoded(events: Uint8Array | string): void {
    if (this.#isClosed) return;
    this.#isSilent = false;
    this.#res.write(events);
  }

  writable(): boolean {
    return this.#res.writableLength < limits.socket_buffer_bytes;
  }

  whenWritable(resume: () => void): void {
    if (this.#isClosed) return;
    this.#resumes.push(resume);
    setImmediate(this.#resume);
  }

  whenClosed(release: () => void): () => void {
    if (this.#isClosed) release();
    else this.#releases.add(release);
    return () => this.#releases.delete(release);
  }

  fail(): void {
    this.end(internal());
  }

  /** A comment, if nothing was said since the last call: proxies end what is silent. */
  beat(): void {
    if (this.#isSilent && this.writable()) this.sendEncoded(': still here\n\n');
    this.#isSilent = true;
  }

  /** Says why, and ends; a reader that does not read it in time is cut off. */
  end({ refusal, message, data }: Refusal): void {
    if (this.#isClosed) return;
    const said = JSON.stringify({ refusal, message, ...data });
    this.sendEncoded(`event: end\ndata: ${said}\n\n`);
    this.release();
    const res = this.#res;
    const patience = setTimeout(() => res.destroy(), limits.close_ms);
    res.end(() => clearTimeout(patience));
    res.once('close', () => clearTimeout(patience));
  }

  /** Lets go of the log; nothing is written from now on. */
  readonly release = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#resumes = [];
    for (const release of this.#releases) release();
    this.#releases.clear();
  };

  readonly #resume = (): void => {
    if (this.#isClosed || !this.writable()) return;
    const resumes = this.#resumes;
    this.#resumes = [];
    for (const resume of resumes) resume();
  };
}
