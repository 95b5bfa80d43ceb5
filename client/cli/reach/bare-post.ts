// A POST over a bare connection: the HTTP client of Node takes as long to load as all of a hook.
import { connect } from 'node:net';
import type { Posted, PostRequest } from '../../sdk/post.js';

/**
 * As `fetch` does it, over plain HTTP. Asked as version 1.0, a server sends the body whole
 * and closes. Rejects when the answer is cut off, or is none of HTTP.
 * https://www.rfc-editor.org/rfc/rfc1945
 */
export function postBarely(url: string, request: PostRequest): Promise<Posted> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const { headers, body, signal } = request;
  const head = [
    `POST ${pathname}${search} HTTP/1.0`,
    `host: ${host}`,
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return new Promise((resolve, reject) => {
    // Brackets belong to an address of IPv6 in a URL, not to the address.
    const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
    const parts: Buffer[] = [];
    const socket = connect(to, () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`));
    const stop = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    socket.on('data', part => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => {
      signal.removeEventListener('abort', stop);
      const answer = readAnswer(Buffer.concat(parts));
      if (answer !== undefined) return resolve(answer);
      const no = new Error(`${url} hung up before its answer was whole`);
      reject(Object.assign(no, { code: 'ECONNRESET' }));
    });
  });
}

/** Undefined when it is not an answer of HTTP, or not a whole one. */
function readAnswer(bytes: Buffer): Posted | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(0, end)).split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const fields = new Map(lines.map(line => split(line)));
  const body = bytes.subarray(end + 4);
  const length = fields.get('content-length');
  if (fields.has('transfer-encoding')) return undefined;
  if (length !== undefined && Number(length) !== body.length) return undefined;
  return {
    status: Number(status),
    headers: { get: name => fields.get(name) ?? null },
    text: async () => body.toString(),
  };
}

function split(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
