// Asks as their asker holds them: one, and many that were asked at once.
import type { Thread } from '../../schemas/ask.js';
import { limits } from '../../schemas/limits.js';
import type { Result } from '../../schemas/method.js';
import type { AskedMany, OpenAsk, Rollup } from './api.js';
import { closeAsk } from './inbox.js';
import type { Link } from './link.js';

export function asked(link: Link, id: string): Pick<OpenAsk, 'id' | 'reply' | 'cancel'> {
  return {
    id,
    reply: (wait_ms = Infinity) => replyTo(link, id, performance.now() + wait_ms),
    cancel: () => closeAsk(link, id, 'cancelled'),
  };
}

export function askedMany(link: Link, { group, asks }: Result<'ask.fan_out'>): AskedMany {
  const rollup = async () => (await link.ask('ask.rollup', { group })) as Rollup;
  return {
    group,
    asks,
    rollup,
    wait: (wait_ms = Infinity) => rollupWhenOver(link, rollup, performance.now() + wait_ms),
  };
}

/** Waits for every reply at once, and looks at the whole after each. */
async function rollupWhenOver(
  link: Link,
  rollup: () => Promise<Rollup>,
  until: number,
): Promise<Rollup> {
  let found = await rollup();
  if (isOver(found)) return found;
  const pending = found.rows.filter(({ status }) => status === 'pending');
  let isEnough = false;
  const wait = async ({ ask }: { ask: string }) => {
    await replyTo(link, ask, until, () => isEnough);
    if (isEnough) return;
    found = await rollup();
    isEnough = isOver(found);
    if (isEnough) throw new Over();
  };
  try {
    await Promise.all(pending.map(wait));
    return await rollup();
  } catch (error) {
    isEnough = true;
    if (error instanceof Over) return found;
    throw error;
  }
}

/** Enough have answered: the others need not be waited for. */
class Over extends Error {}

function isOver({ state }: Rollup): boolean {
  return state === 'complete' || state === 'quorum';
}

/** Waits in slices: each is a read that a reconnect repeats, so a lost answer costs one slice. */
async function replyTo(
  link: Link,
  ask: string,
  until: number,
  isEnough: () => boolean = () => false,
): Promise<Thread> {
  for (;;) {
    const left_s = Math.max(0, (until - performance.now()) / 1_000);
    const timeout_s = Math.min(left_s, limits.wait_slice_s);
    const patience_ms = left_s * 1_000 + limits.call_wait_ms;
    const thread = (await link.ask('ask.wait', { ask, timeout_s }, patience_ms)) as Thread;
    if (thread.state === 'closed' || isEnough() || performance.now() >= until) return thread;
  }
}
