// HTTP bodies: that of a request taken whole and within its bound, that of an answer sent whole.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../../../schemas/limits.js';
import { plainHeaders, type Rejection, reject } from '../shared/rejection.js';

/** The whole body; undefined when it broke off, and nobody is left to be answered. */
export async function readBody(req: IncomingMessage): Promise<Buffer | Rejection | undefined> {
  const tooLarge = reject(413, 'too_large', `Send at most ${limits.frame_bytes} bytes in a POST.`);
  if (Number(req.headers['content-length'] ?? 0) > limits.frame_bytes) return tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > limits.frame_bytes) return tooLarge;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** Sends a plain answer; returns what a route does that turned nobody away. */
export function reply(res: ServerResponse, status: number, type: string, body: string): undefined {
  const length = Buffer.byteLength(body);
  res.writeHead(status, { ...plainHeaders, 'Content-Type': type, 'Content-Length': length });
  res.end(body);
  return undefined;
}

/** Sends 204, an answer without a body. */
export function replyNothing(res: ServerResponse): undefined {
  res.writeHead(204, plainHeaders).end();
  return undefined;
}
