// Name resolution for webhooks: only addresses that may be spoken to come out of it (SSRF).
import { lookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { rangeOf } from '../../../schemas/ip-address.js';
import { limits } from '../../../schemas/limits.js';
import { Semaphore } from '../../system/semaphore.js';

/** Why no address came out. */
export class LookupFault extends Error {
  readonly reason: 'refused_address' | 'lookup_failed';

  constructor(reason: LookupFault['reason']) {
    super(reason);
    this.reason = reason;
  }
}

interface Address {
  address: string;
  family: number;
}

/** Finds the addresses of a name; the system's own way knows local names, too. */
export type Resolve = (host: string, isLocal: boolean) => Promise<readonly Address[]>;

/**
 * True for a public address. A host that was allowed by name may also lie in a private network,
 * but by name nobody gets to where clouds keep their metadata; only by that very address.
 */
export function isAllowedAddress(address: string, allowed: string | undefined): boolean {
  const range = rangeOf(address);
  if (range === 'public') return true;
  if (allowed === undefined || range === undefined) return false;
  return range === 'private' || allowed.replace(/^\[|\]$/g, '') === address;
}

/**
 * What `node:net` connects with: it gets the checked addresses and looks up nothing itself, so a
 * name cannot lead elsewhere between the check and the connection (DNS rebinding). Literal
 * addresses are not looked up: judge them by `isAllowedAddress`.
 */
export function safeLookup(allowed: string | undefined, resolve: Resolve = found): LookupFunction {
  return (host, options, done) => {
    const give = (addresses: readonly Address[]) => {
      const good = addresses.filter(({ address }) => isAllowedAddress(address, allowed));
      const [first] = good;
      if (first === undefined) {
        const reason = addresses.length > 0 ? 'refused_address' : 'lookup_failed';
        done(new LookupFault(reason), []);
      } else if (options.all) done(null, [...good]);
      else done(null, first.address, first.family);
    };
    resolve(host, allowed !== undefined).then(give, () => give([]));
  };
}

/** The system looks up in a pool of threads that files need, too: one at a time there. */
const system = new Semaphore(1);

async function found(host: string, isLocal: boolean): Promise<readonly Address[]> {
  if (isLocal) return systemLookup(host);
  const asked = new Resolver({ timeout: limits.outgoing_lookup_ms, tries: 1 });
  const answers = await Promise.allSettled([
    asked.resolve4(host).then(all => all.map(address => ({ address, family: 4 }))),
    asked.resolve6(host).then(all => all.map(address => ({ address, family: 6 }))),
  ]);
  return answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []));
}

async function systemLookup(host: string): Promise<Address[]> {
  await system.enter();
  try {
    return await new Promise((resolve, reject) => {
      lookup(host, { all: true }, (error, all) => (error ? reject(error) : resolve(all)));
    });
  } finally {
    system.leave();
  }
}
