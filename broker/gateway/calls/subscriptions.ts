// Subscriptions and long polls: methods that go on after their answer, or wait before it.
import { limits } from '../../../schemas/limits.js';
import { methods, type Parsed } from '../../../schemas/method.js';
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { wishOf } from '../../core/leases/commands.js';
import type { Answer, Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import type { Logger } from '../shared/logger.js';
import {
  answerLater,
  authorOf,
  type HandlerParts,
  outletOf,
  paramsOf,
  propose,
} from './call-tools.js';
import type { Call } from './caller.js';

/** `inbox.subscribe`: items follow the answer. By POST refused as `invalid`. */
export function subscribe(parts: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  propose(parts, call, authorOf(call), answer => {
    call.answer(answer);
    if (isRefusal(answer) || answer.result.verdict !== 'applied') return;
    parts.inbox.subscribed(outlet, Number(answer.result.generation));
  });
}

/**
 * `log.observe`: records follow the answer. By POST refused as `invalid`; else as
 * `Fanout.observe` says.
 */
export function observe({ fanout, log }: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  call.pass();
  const answer = fanout
    .observe(outlet, paramsOf<'log.observe'>(call))
    .then(said => (isRefusal(said) ? said : { result: said }));
  answerLater(call, answer, log);
}

/** `log.unobserve`; refused as `invalid` when there is no such subscription here. */
export function unobserve({ fanout }: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  const isEnded = fanout.unobserve(outlet, paramsOf<'log.unobserve'>(call).subscription);
  const message = 'This connection has no such subscription; use what log.observe answered.';
  call.answer(isEnded ? { result: {} } : refuse('invalid', message));
}

/** `view.watch`: changes follow the answer. By POST `invalid`; else refused as `LiveViews` says. */
export function watch({ door, views, log }: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  call.pass();
  const params = paramsOf<'view.watch'>(call);
  const watched = views.watch(outlet, params);
  answerLater(call, watched, log);
  if (params.view !== 'reviews') return;
  const ask = () => askForQueues(door, authorOf(call), params);
  // Nobody waits for it, and who may not be told of a queue was refused or is told nothing.
  watched.then(said => (isRefusal(said) ? undefined : ask())).catch(() => {});
}

/** As `review.queue` asks GitHub: what it knows better comes as changes. */
async function askForQueues(door: Door, author: Author, { where }: Parsed<'view.watch'>) {
  const peers = where?.peer === undefined ? [undefined] : [where.peer].flat();
  for (const peer of peers.slice(0, limits.socket_reads)) {
    const queue = methods['review.queue'].params.parse(peer === undefined ? {} : { peer });
    await door.read('review.queue', queue, author);
  }
}

/** `view.unwatch`; refused as `invalid` when there is no such subscription here. */
export function unwatch({ views }: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  const isEnded = views.unwatch(outlet, paramsOf<'view.unwatch'>(call).subscription);
  const message = 'This connection has no such subscription; use what view.watch answered.';
  call.answer(isEnded ? { result: {} } : refuse('invalid', message));
}

/** `inbox.read`; beyond `limits.socket_waits` waits of one caller refused as `rate_limited`. */
export function readInbox({ inbox, log }: HandlerParts, call: Call): void {
  const params = paramsOf<'inbox.read'>(call);
  const { token, peer = '' } = authorOf(call);
  const start = () => inbox.read({ token, peer }, params);
  wait(call, params.wait_s, start, log);
}

/** `ask.wait`; bounded as `inbox.read` is. */
export function waitForAsk({ inbox, log }: HandlerParts, call: Call): void {
  const params = paramsOf<'ask.wait'>(call);
  wait(call, params.timeout_s, () => inbox.waitForAsk(authorOf(call), params), log);
}

/** `lease.take`; with `wait_s` it waits as `LeaseWaits` does, bounded as `inbox.read` is. */
export function takeLease(parts: HandlerParts, call: Call): void {
  const params = paramsOf<'lease.take'>(call);
  const { wait_s: seconds } = params;
  const author = authorOf(call);
  const { outlet, whenGone = () => () => {} } = call.caller.channel;
  const wish = seconds > 0 ? wishOf(parts.door.table, author, params) : undefined;
  if (wish === undefined) {
    propose(parts, call, author, answer => call.answer(answer));
    return;
  }
  const attempt = () => new Promise<Answer>(resolve => propose(parts, call, author, resolve));
  const waiting = {
    wish,
    seconds,
    attempt,
    whenGone: (release: () => void) =>
      outlet === undefined ? whenGone(release) : outlet.whenClosed(release),
  };
  wait(call, seconds, () => parts.leases.take(waiting), parts.log);
}

/** A wait never holds up what follows; how many one caller may have is bounded. */
function wait(call: Call, seconds: number, start: () => Promise<Answer>, log: Logger): void {
  const { caller } = call;
  if (seconds > 0 && caller.waits >= limits.socket_waits) {
    const message = `${limits.socket_waits} waits are under way here; let one end first.`;
    call.answer(refuse('rate_limited', message, { retry_after_s: 1 }));
    return;
  }
  caller.waits++;
  call.pass();
  const begin = async () => start();
  answerLater(call, begin(), log, () => caller.waits--);
}
