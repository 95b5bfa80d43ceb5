// The body of a request, taken whole and within its bound.
import type { IncomingMessage } from 'node:http';
import { limits } from '../../../schemas/limits.js';
import { type Rejection, reject } from '../shared/rejection.js';

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
