// The answer to the calls of a hook: the mail that was handed over, and what became of the rest.
import type { HookCall, Mail } from '../../runtimes/hook-calls.js';
import { RefusalError } from '../../sdk/errors.js';
import type { PostAnswer } from './post-calls.js';

/** What a hook goes on with. */
export interface HookAnswer extends Mail {
  now: number;
  /** What is said of the session; empty for nothing, absent where nobody asked. */
  description?: string;
  isTurnTold: boolean;
  waiting: number;
}

/** Throws for a drain that was refused; what else was refused leaves the mail as it is. */
export function readAnswer(calls: readonly HookCall[], { results, now }: PostAnswer): HookAnswer {
  const of = (method: HookCall['method']) => {
    return results[calls.findIndex(call => call.method === method)];
  };
  const drained = of('inbox.drain');
  if (drained instanceof RefusalError) throw drained;
  const { items = [], remaining = 0, verdict } = (drained ?? {}) as Partial<Mail & Verdict>;
  const { items: reminders = [] } = (of('inbox.reminders') ?? {}) as Partial<Mail>;
  const { description: said } = (of('peer.whoami') ?? {}) as { description?: string };
  const isDone = (method: HookCall['method']) => {
    const result = of(method);
    return result !== undefined && !(result instanceof RefusalError);
  };
  return {
    // What a void drain hands over, another was handed.
    items: verdict === 'void' ? [] : items,
    remaining,
    reminders,
    now,
    ...(isDone('peer.whoami') && { description: said ?? '' }),
    isTurnTold: isDone('peer.turn'),
    waiting: remaining,
  };
}

interface Verdict {
  verdict: string;
}
