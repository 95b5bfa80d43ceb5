// A server for POSTs that a test scripts: it answers the nth call, or hangs up on it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';

export interface PostHeard {
  method: string;
  params: Record<string, unknown>;
}

export interface PostDesk {
  options: { url: string; credential: string };
  heard: PostHeard[];
  /** The least position that each asked for. */
  minima: (string | undefined)[];
}

/** Answers the nth call (from 1) as `script` says; closed with the test. */
export async function postDesk(
  t: Test,
  script: (n: number) => object | 'hang up',
): Promise<PostDesk> {
  const heard: PostHeard[] = [];
  const minima: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    heard.push(JSON.parse(await text(request)));
    minima.push(request.headers['x-signalbox-min-position']?.toString());
    const answer = script(heard.length);
    if (answer === 'hang up') request.socket.destroy();
    else response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { options: { url, credential: 'a-credential-of-this-test' }, heard, minima };
}
