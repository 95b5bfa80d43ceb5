// One request by what loads fast: `fetch` takes half as long to load as an empty program.
import { request as plain } from 'node:http';
import type { Posted, PostRequest } from '../../sdk/post.js';
import { postBarely } from './bare-post.js';

/** As `fetch` does it, but that it follows no redirection: no broker sends one. */
export function postPlainly(url: string, request: PostRequest): Promise<Posted> {
  if (url.startsWith('http:')) return postBarely(url, request);
  const { body, ...post } = request;
  const headers = { ...post.headers, 'content-length': String(Buffer.byteLength(body)) };
  return exchange(url, { ...post, headers }, body);
}

/** A GET, likewise. */
export function getPlainly(
  url: string,
  asked: Pick<PostRequest, 'headers' | 'signal'>,
): Promise<Posted> {
  return exchange(url, { ...asked, method: 'GET' });
}

type Head = Pick<PostRequest, 'headers' | 'signal'> & { method: string };

async function exchange(url: string, head: Head, body?: string): Promise<Posted> {
  const { signal } = head;
  const to = new URL(url);
  const request = to.protocol === 'https:' ? (await import('node:https')).request : plain;
  return new Promise((resolve, reject) => {
    // What ended it counts, not that it was ended.
    const fail = (error: Error) => reject(signal.aborted ? signal.reason : error);
    const outgoing = request(to, head, incoming => {
      const parts: string[] = [];
      incoming.setEncoding('utf8');
      incoming.on('error', fail);
      incoming.on('data', (part: string) => parts.push(part));
      incoming.on('end', () => {
        const { statusCode = 0 } = incoming;
        const get = (name: string) => incoming.headers[name]?.toString() ?? null;
        resolve({ status: statusCode, headers: { get }, text: async () => parts.join('') });
      });
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}
