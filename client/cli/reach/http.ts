// One POST by the HTTP client of Node: `fetch` takes half as long to load as an empty program.
import { request as plain } from 'node:http';
import type { Posted, PostRequest } from '../../sdk/post.js';

/** As `fetch` does it, but that it follows no redirection: no broker sends one. */
export async function postPlainly(url: string, post: PostRequest): Promise<Posted> {
  const { body, signal } = post;
  const to = new URL(url);
  const request = to.protocol === 'https:' ? (await import('node:https')).request : plain;
  const headers = { ...post.headers, 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    // What ended it counts, not that it was ended.
    const fail = (error: Error) => reject(signal.aborted ? signal.reason : error);
    const outgoing = request(to, { method: 'POST', headers, signal }, incoming => {
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
