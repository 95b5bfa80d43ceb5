// A fork of a session: a new peer, which says whose fork it is.
import { limits } from '../../../schemas/limits.js';
import type { HookCall } from '../../runtimes/hook-calls.js';
import { keepNews } from '../reach/identity.js';
import { postCalls } from './post-calls.js';
import type { PeerFinder, SessionPeer } from './session-peer.js';

/**
 * The peer is called after its parent, and described as its fork; once only. Whose fork it is stays
 * with its identity, for what it says of itself later.
 */
export async function sayFork(
  finder: PeerFinder,
  me: SessionPeer,
  signal: AbortSignal,
): Promise<SessionPeer> {
  const parent = await finder.parent();
  const { kept } = me;
  if (parent === undefined || kept === undefined || kept.fork_of !== undefined) return me;
  const forkOf = parent.name;
  const name = `${forkOf.slice(0, limits.name_chars - FORK.length)}${FORK}`;
  const calls: HookCall[] = [
    { method: 'peer.rename', params: { name } },
    { method: 'peer.describe', params: { text: forkText(forkOf) } },
  ];
  const { site, credential } = me;
  const { results } = await postCalls({ brokers: site.brokers, credential, signal }, calls);
  const [renamed] = results as { name?: unknown }[];
  const called = typeof renamed?.name === 'string' ? { name: renamed.name } : {};
  await keepNews(kept, { fork_of: forkOf, ...called });
  return { ...me, forkOf };
}

const FORK = '-fork';

/** What a fork says of itself before it says what it works on. */
export function forkText(parent: string): string {
  return `fork of ${parent}`;
}
