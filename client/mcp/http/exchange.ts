// HTTP exchanges: Node's requests and answers as the web's own classes, within their bounds.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../../../schemas/limits.js';

/** What turns a request away: a status, and what to do instead. */
export interface TurnedAway {
  status: number;
  code: number;
  message: string;
  headers?: Readonly<Record<string, string>>;
}

/** Nothing is cached, nothing is guessed. */
const PLAIN = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/** The head of a request; its signal aborts when the client hangs up before it was answered. */
export function webRequest(req: IncomingMessage, res: ServerResponse): Request {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    headers.append(req.rawHeaders[i] ?? '', req.rawHeaders[i + 1] ?? '');
  }
  const { method = 'GET' } = req;
  return new Request('http://127.0.0.1/mcp', { method, headers, signal: gone.signal });
}

/** The body as JSON, or why it is none; undefined when it broke off and nobody is left. */
export async function readJson(
  req: IncomingMessage,
): Promise<{ body: unknown } | TurnedAway | undefined> {
  if (Number(req.headers['content-length'] ?? 0) > limits.frame_bytes) return TOO_LARGE;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limits.frame_bytes) return TOO_LARGE;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return isWithin(body, limits.depth_levels) ? { body } : TOO_DEEP;
  } catch {
    return { status: 400, code: -32700, message: 'Send one message of JSON-RPC as JSON.' };
  }
}

const TOO_LARGE: TurnedAway = {
  status: 413,
  code: -32005,
  message: `Send at most ${limits.frame_bytes} bytes in a POST.`,
  // What is left of it is not worth reading.
  headers: { Connection: 'close' },
};

const TOO_DEEP: TurnedAway = {
  status: 400,
  code: -32600,
  message: `Send a message nested at most ${limits.depth_levels} levels deep.`,
};

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every(each => isWithin(each, levels - 1));
}

/** Turns a request away, in the words of JSON-RPC. */
export function refuse(res: ServerResponse, { status, code, message, headers }: TurnedAway): void {
  if (res.headersSent || res.destroyed) return;
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });
  const length = Buffer.byteLength(body);
  const said = { 'content-type': 'application/json', 'content-length': length };
  res.writeHead(status, { ...PLAIN, ...said, ...headers }).end(body);
}

/** Sends an answer as it comes, no faster than it is read, until its end or until nobody reads. */
export async function send(res: ServerResponse, answer: Response): Promise<void> {
  const reader = answer.body?.getReader();
  const hangUp = () => void reader?.cancel().catch(() => {});
  if (res.destroyed) return hangUp();
  res.once('close', hangUp);
  const bare = reader === undefined && answer.status !== 204 ? { 'content-length': '0' } : {};
  res.writeHead(answer.status, { ...PLAIN, ...bare, ...Object.fromEntries(answer.headers) });
  if (reader === undefined) {
    res.end();
    return;
  }
  res.flushHeaders();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!res.write(part.value)) await readOn(res);
  }
  res.end();
}

/** Resolves when there is room again, or nobody left. */
function readOn(res: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.once('drain', done);
    res.once('close', done);
    if (res.destroyed) done();
  });
}
