// A TCP proxy before a nats-server: cuts, silences and mends what passes, by who is calling.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Test } from 'tap';

/**
 * What becomes of what a caller sends and is sent: it passes, the connection is reset and no new
 * one is let in, nothing passes though it stays open, or only one way is silent.
 */
export type Link = 'open' | 'cut' | 'silent' | 'hears' | 'speaks';

export interface Relay {
  port: number;
  /** From now on, for the caller whose name holds this text; '' is everybody. */
  set(caller: string, link: Link): void;
  close(): void;
}

interface Pair {
  /** As its CONNECT names it; undefined before it has come. */
  name: string | undefined;
  near: Socket;
  far: Socket;
}

/** A client says its name in the CONNECT that it sends first, a server in the INFO behind that. */
const CLIENT = /^CONNECT \{(?!.*"cluster":).*?"name":"([^"]*)".*\}\r\n/;
const SERVER = /\bINFO \{.*?"server_name":"([^"]*)"/;

/** Listens on a free port of loopback and passes everything on to `target`. */
export async function startRelay(t: Test, target: () => number): Promise<Relay> {
  const links = new Map<string, Link>();
  const pairs = new Set<Pair>();
  const linkOf = ({ name }: Pair): Link => {
    for (const [caller, link] of links) if (caller === '' || name?.includes(caller)) return link;
    return 'open';
  };
  const apply = (pair: Pair): void => {
    const link = linkOf(pair);
    if (link === 'cut') return void end(pair);
    const isNamed = pair.name !== undefined;
    flow(pair.near, isNamed && (link === 'open' || link === 'speaks'));
    flow(pair.far, link === 'open' || link === 'hears');
  };
  const end = (pair: Pair): void => {
    pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  };
  const server: Server = createServer(near => {
    if (links.get('') === 'cut') return void near.destroy();
    const pair: Pair = { name: undefined, near, far: connect(target(), '127.0.0.1') };
    pairs.add(pair);
    pass(pair, apply);
    for (const socket of [near, pair.far]) {
      socket.setNoDelay(true);
      socket.on('error', () => end(pair));
      socket.on('close', () => end(pair));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    for (const pair of pairs) end(pair);
  };
  t.teardown(close);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    set(caller, link) {
      if (link === 'open') links.delete(caller);
      else links.set(caller, link);
      for (const pair of pairs) apply(pair);
    },
    close,
  };
}

/** Nothing goes to the server before it is known who sends it. */
function pass(pair: Pair, apply: (pair: Pair) => void): void {
  const { near, far } = pair;
  let early = '';
  far.on('data', bytes => near.write(bytes));
  const first = (bytes: Buffer): void => {
    early += bytes.toString('latin1');
    pair.name = (CLIENT.exec(early) ?? SERVER.exec(early))?.[1];
    if (pair.name === undefined) return;
    near.off('data', first);
    near.on('data', more => far.write(more));
    far.write(Buffer.from(early, 'latin1'));
    apply(pair);
  };
  near.on('data', first);
}

function flow(socket: Socket, isFlowing: boolean): void {
  if (isFlowing) socket.resume();
  else socket.pause();
}
