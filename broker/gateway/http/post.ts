// JSON-RPC over HTTP POST: the calls of one body, answered together once all of them are.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CodecError, packArray } from '../../../schemas/codec.js';
import { type Encoding, TIME_HEADER } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { Author } from '../../core/words.js';
import { encodeMessage, failure, type Reply } from '../calls/call-id.js';
import { Caller, type CallerParts, type Channel } from '../calls/caller.js';
import { readIncoming } from '../calls/incoming.js';
import type { Listed } from '../shared/listed.js';
import type { Logger } from '../shared/logger.js';
import { isRejection, plainHeaders, type Rejection, reject } from '../shared/rejection.js';
import { readBody, replyNothing } from './bodies.js';

const encodings = new Map<string, Encoding>([
  ['application/json', 'json'],
  ['application/msgpack', 'msgpack'],
  ['application/x-msgpack', 'msgpack'],
]);

/** Answers a POST, or says why it is turned away. A broken body is answered like a broken frame. */
export async function answerPost(
  req: IncomingMessage,
  res: ServerResponse,
  author: Author,
  parts: CallerParts,
): Promise<Rejection | undefined> {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const encoding = encodings.get(type);
  if (encoding === undefined) {
    const Accept = [...encodings.keys()].join(', ');
    const headers = { Accept, 'Accept-Post': Accept };
    return reject(415, 'invalid', 'Send application/json or application/msgpack.', headers);
  }
  const coding = req.headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity') {
    const headers = { 'Accept-Encoding': 'identity' };
    return reject(415, 'invalid', 'Send the body as it is, not compressed.', headers);
  }
  const body = await readBody(req);
  if (body === undefined || isRejection(body)) return body;
  const whenGone = (release: () => void) => {
    res.once('close', release);
    return () => res.off('close', release);
  };
  const calls = readCalls(encoding, body);
  const answers = await carryOut(calls, body.length, author, { ...parts, whenGone });
  res.setHeader(TIME_HEADER, parts.door.now());
  send(res, encoding, answers, parts.log);
  return undefined;
}

interface Calls {
  items: readonly unknown[];
  isBatch: boolean;
  /** Said instead, when the body as a whole is not to be carried out. */
  refusal?: Refusal;
}

function readCalls(encoding: Encoding, body: Buffer): Calls {
  try {
    const calls = readIncoming(encoding, body);
    if (calls.items.length <= limits.post_calls) return calls;
    const refusal = refuse('invalid_request', `Send at most ${limits.post_calls} calls a POST.`);
    return { items: [], isBatch: false, refusal };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const refusal = refuse('parse_error', `Send a valid body: ${error.message}.`);
    return { items: [], isBatch: false, refusal };
  }
}

interface Answers {
  responses: (Reply | Listed)[];
  isBatch: boolean;
}

function carryOut(
  { items, isBatch, refusal }: Calls,
  bytes: number,
  author: Author,
  { whenGone, ...parts }: CallerParts & Required<Pick<Channel, 'whenGone'>>,
): Promise<Answers> {
  if (refusal) return Promise.resolve({ responses: [failure(null, refusal)], isBatch });
  return new Promise(resolve => {
    const responses: (Reply | Listed)[] = [];
    let open = items.length;
    const channel: Channel = {
      reply(response) {
        if (response) responses.push(response);
        if (--open === 0) resolve({ responses, isBatch });
      },
      isOpen: () => true,
      whenOpen: resume => resume(),
      eased() {},
      identified() {},
      whenGone,
      dismiss() {},
    };
    new Caller(channel, author, parts).receive(items, bytes);
  });
}

function send(
  res: ServerResponse,
  encoding: Encoding,
  { responses, isBatch }: Answers,
  log: Logger,
): void {
  if (responses.length === 0) {
    replyNothing(res);
    return;
  }
  // Each is a response, of which something is always left to say.
  const parts = responses.map(response => encodeMessage(encoding, response, log)!);
  const body = isBatch ? joinBatch(encoding, parts) : parts[0]!;
  const type = { 'Content-Type': `application/${encoding}` };
  res.writeHead(200, { ...plainHeaders, ...type, 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

/** A batch of one is answered as a batch of one. */
function joinBatch(encoding: Encoding, parts: readonly (Uint8Array | string)[]) {
  return encoding === 'json' ? `[${parts.join(',')}]` : packArray(parts as Uint8Array[]);
}
