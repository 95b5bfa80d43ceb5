// Protection from DNS rebinding: of a request, by its head alone, one Host and no foreign Origin.
import type { IncomingMessage } from 'node:http';
import { limits } from '../../../schemas/limits.js';
import { type Rejection, reject } from '../shared/rejection.js';

const WILDCARDS: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/**
 * A check of request heads. Allowed are the loopback names, the bound host and the address at
 * which the connection arrived, with exactly our port, and `allowedHosts` as they stand
 * (`box.lan:7117`, or `box.example` behind a proxy). https://en.wikipedia.org/wiki/DNS_rebinding
 */
export function createAdmission(
  host: string,
  port: number,
  allowedHosts: readonly string[],
): (req: IncomingMessage) => Rejection | undefined {
  const own = ownHosts(host, port);
  const configured = allowedHosts.map(name => name.toLowerCase());
  const hosts = new Set([...own, ...configured]);
  const origins = new Set([...hosts].map(name => `http://${name}`));
  // Only a configured name can have a proxy with a certificate before it.
  for (const name of configured) origins.add(`https://${name}`);
  return req => {
    // A page whose address is a bare IP was loaded from there: no name can lead it here.
    const here = `${bracketed(localAddress(req))}:${port}`;
    return checkHead(req, {
      isHost: name => hosts.has(name) || name === here,
      isOrigin: origin => origins.has(origin) || origin === `http://${here}`,
    });
  };
}

/** Where the connection arrived; what came by IPv4 at an IPv6 socket arrived by IPv4. */
function localAddress({ socket }: IncomingMessage): string {
  return (socket.localAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

interface Allowed {
  isHost(name: string): boolean;
  isOrigin(origin: string): boolean;
}

function ownHosts(host: string, port: number): string[] {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  if (!WILDCARDS.has(host)) names.push(bracketed(host).toLowerCase());
  const withPort = names.map(name => `${name}:${port}`);
  return port === 80 ? [...names, ...withPort] : withPort;
}

/** A host as it stands in a URL. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function checkHead(req: IncomingMessage, { isHost, isOrigin }: Allowed): Rejection | undefined {
  if (req.rawHeaders.length > 2 * limits.head_fields) {
    return reject(431, 'too_large', `Send at most ${limits.head_fields} header fields.`);
  }
  // An absolute target names a host of its own, past the check of the Host field.
  if (!req.url?.startsWith('/')) {
    return reject(400, 'invalid_request', 'Ask for a path such as /rpc, not for a whole URL.');
  }
  const [name, ...others] = valuesOf(req, 'host');
  if (name === undefined || others.length > 0 || !isHost(name.toLowerCase())) {
    return reject(403, 'forbidden', 'Send exactly one Host that this broker answers to.');
  }
  const seen = valuesOf(req, 'origin');
  if (seen.length > 1 || (seen[0] !== undefined && !isOrigin(seen[0]))) {
    return reject(403, 'forbidden', 'Pages of other origins are not let in.');
  }
  if (valuesOf(req, 'authorization').length > 1) {
    return reject(400, 'invalid_request', 'Send one Authorization header.');
  }
  return undefined;
}

/** Every value of a field as it came: node keeps only the first of a repeated one. */
function valuesOf({ rawHeaders }: IncomingMessage, field: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === field) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}
