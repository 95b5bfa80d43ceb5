// Asks as their asker holds them: one, and many that were asked at once.
import type { Thread } from '../../schemas/ask.js';
import type { Result } from '../../schemas/method.js';
import type { AskedMany, OpenAsk } from './api.js';
import { ClientError } from './errors.js';
import { closeAsk } from './inbox.js';
import type { Link } from './link.js';
import { type Look, lookFor, rollupWhenOver, threadWhenClosed } from './waiting.js';

/** One ask, to wait for its reply or to take it back. */
export function asked(link: Link, id: string): Pick<OpenAsk, 'id' | 'reply' | 'cancel'> {
  return {
    id,
    reply: (wait_ms = Infinity) => replyTo(link, id, wait_ms),
    cancel: () => closeAsk(link, id, 'cancelled'),
  };
}

/** An ask of many, to look at its answers or to wait for them. */
export function askedMany(link: Link, { group, asks }: Result<'ask.fan_out'>): AskedMany {
  const look = lookBy(link);
  const rollup = () => look('ask.rollup', { group });
  return {
    group,
    asks,
    rollup,
    wait: async (wait_ms = Infinity) =>
      (await rollupWhenOver(look, group, { wait_s: wait_ms / 1_000 })) ??
      look('ask.rollup', { group }, lookFor(0)),
  };
}

async function replyTo(link: Link, ask: string, wait_ms: number): Promise<Thread> {
  const thread = await threadWhenClosed(lookBy(link), ask, { wait_s: wait_ms / 1_000 });
  if (thread !== undefined) return thread;
  throw new ClientError('timeout', 'the broker was away all that time; the ask may be closed');
}

function lookBy(link: Link): Look {
  return (method, params, wait_ms) => link.ask(method, params, wait_ms);
}
