// One question to GitHub over HTTP: bounded in bytes, and in where its token may go.
import { limits } from '../../schemas/limits.js';

export type Fetch = typeof globalThis.fetch;

export interface Reply {
  status: number;
  headers: Headers;
  /** Empty unless the status is 200. */
  text: string;
}

/** Rejects when the other side cannot be reached, says too much, or `signal` ends it. */
export async function call(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Reply> {
  let at = url;
  for (let hops = 0; ; hops++) {
    const response = await fetch(at, { headers, signal, redirect: 'manual' });
    const next = nextHop(response, at);
    if (next === undefined || hops === limits.github_redirect_hops) return read(response);
    await response.body?.cancel();
    at = next;
  }
}

/** A repository that was renamed lies elsewhere on the same server; other servers get no token. */
function nextHop({ status, headers }: Response, from: string): string | undefined {
  const location = headers.get('location');
  if (![301, 302, 307, 308].includes(status) || location === null) return undefined;
  if (!URL.canParse(location, from)) return undefined;
  const next = new URL(location, from);
  const isWithin =
    next.origin === new URL(from).origin && `${next.username}${next.password}` === '';
  return isWithin ? next.href : undefined;
}

async function read(response: Response): Promise<Reply> {
  const { status, headers, body } = response;
  if (status === 200) return { status, headers, text: await readText(body) };
  await body?.cancel();
  return { status, headers, text: '' };
}

async function readText(body: Response['body']): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limits.github_answer_bytes) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
