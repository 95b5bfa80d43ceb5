// Who can knock at an address that a broker listens on, and by which URLs.
import { networkInterfaces } from 'node:os';

/** True for an address that only this machine reaches. */
export function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The URLs by which other machines may reach a listener; none while no network is there. */
export function urlsFor(host: string, port: string, allowedHosts: readonly string[]): string[] {
  const isAll = ['', '::', '0.0.0.0'].includes(host);
  const addresses = isAll ? ownAddresses(host === '0.0.0.0') : [host];
  const named = addresses.map(
    address => `${address.includes(':') ? `[${address}]` : address}:${port}`,
  );
  return [...new Set([...named, ...allowedHosts])].map(name => `http://${name}`);
}

function ownAddresses(isFourOnly: boolean): string[] {
  const all = Object.values(networkInterfaces()).flatMap(found => found ?? []);
  const outside = all.filter(({ internal, family, address }) => {
    // A link-local address means nothing without its interface, which no Host field can carry.
    const isUsable = family === 'IPv4' || (!isFourOnly && !/^fe[89ab]/i.test(address));
    return !internal && isUsable;
  });
  return outside.map(({ address }) => address).sort((a, b) => a.length - b.length);
}
