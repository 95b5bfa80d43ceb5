// The public door of the SDK for web pages: connect with a one-time code, come back with another.
import type { Client, ConnectOptions } from './sdk/api.js';
import { open } from './sdk/client.js';
import { ClientError } from './sdk/errors.js';
import { type PageSocketClass, pageDial } from './sdk/page-socket.js';

export type { Thread } from '../schemas/ask.js';
export type * from './sdk/api.js';
export { ClientError, type ClientErrorCode, RefusalError } from './sdk/errors.js';
export { newIdentity } from './sdk/identity.js';
export type * from './sdk/live-rows.js';
export type * from './sdk/options.js';

/** Where the resume code is kept, so that a reload of the page need not ask for a new one. */
export interface Keep {
  read(): string | null;
  write(code: string): void;
}

/** How to connect from a page. */
export interface PageConnectOptions extends ConnectOptions {
  /** The one-time code from the fragment of the URL; left out after a reload. */
  code?: string;
  /** Where the code for a reload is kept. Default: nowhere. */
  keep?: Keep;
}

/** Keeps the resume code in a storage of the page: give it `sessionStorage`. */
export function keepIn(storage: {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}): Keep {
  const key = 'signalbox.resume';
  return { read: () => storage.getItem(key), write: code => storage.setItem(key, code) };
}

/**
 * Connects a page to its mesh. Rejects with RefusalError `unauthorized` when the code was used or
 * is over 30 s old, and with ClientError `misuse` when there is none.
 */
export async function connect(options: PageConnectOptions): Promise<Client> {
  let code = options.code ?? options.keep?.read();
  if (!code) {
    throw new ClientError('misuse', 'no code to start with; run `signalbox open` for a fresh URL');
  }
  const { WebSocket } = globalThis as unknown as { WebSocket: PageSocketClass };
  return open(options, {
    dial: pageDial(WebSocket),
    greeting: () => ({ method: 'session.start', params: { code } }),
    greeted: ({ resume }) => {
      code = String(resume);
      options.keep?.write(code);
    },
  });
}
