// What every method handler has at hand: its collaborators, and the ways to answer a call.
import { limits } from '../../../schemas/limits.js';
import type { MethodName, Parsed } from '../../../schemas/method.js';
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Answer, Author, Command } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { isMistake } from '../../system/fault.js';
import type { InboxDelivery } from '../inbox/inbox-delivery.js';
import type { LeaseWaits } from '../leases/lease-waits.js';
import type { Fanout } from '../observe/fanout.js';
import { doorTime } from '../shared/access.js';
import type { GatewayFigures } from '../shared/health-report.js';
import type { Logger } from '../shared/logger.js';
import type { Outlet } from '../shared/outlet.js';
import type { LiveViews } from '../views/live-views.js';
import type { Call, Said } from './caller.js';
import type { Sessions } from './sessions.js';

export interface HandlerParts {
  door: Door;
  fanout: Fanout;
  inbox: InboxDelivery;
  leases: LeaseWaits;
  views: LiveViews;
  sessions: Sessions;
  log: Logger;
  /** Who is connected and observes. */
  figures(): GatewayFigures;
}

/** Set, because a call of an unknown method never gets as far as a handler. */
export function methodOf({ method }: Call): MethodName {
  return method!;
}

/** Read by the method's own row of the table before. */
export function paramsOf<M extends MethodName>(call: Call): Parsed<M> {
  return call.params as Parsed<M>;
}

/** Set, because every method but session.start is refused before the caller is known. */
export function authorOf({ caller }: Call): Author {
  return caller.author!;
}

/** Proposes the call's event; unless told otherwise, the next call follows once it is decided. */
export function propose(
  { door }: HandlerParts,
  call: Call,
  author: Author,
  done: (answer: Answer) => void,
  decided: () => void = call.pass,
): void {
  const connected = call.caller.channel.outlet !== undefined;
  // The pair of method and parameters was made by the table of methods itself.
  const command = { method: methodOf(call), params: call.params, author, connected } as Command;
  // It may come from the middle of a fold, which no fault of one call must end.
  door.command(command, decided, answer => call.guard(() => done(answer)));
}

/** Answers once the promise settles; a rejection is a log that cannot be reached, or a fault. */
export function answerLater(
  call: Call,
  answer: Promise<Said>,
  log: Logger,
  over?: () => void,
): void {
  answer
    .catch((error: unknown) => {
      if (isMistake(error)) throw error;
      // Who has hung up is told nothing, and nothing went wrong.
      if (!isAbandoned(error)) {
        const reason = error instanceof Error ? error.message : 'unknown';
        log.error({ method: call.method, reason }, 'a call could not be answered');
      }
      return refuse('unavailable', 'The log cannot be reached just now; try again.');
    })
    .finally(over)
    .then(
      settled => call.guard(() => call.answer(settled)),
      error => call.fail(error),
    );
}

function isAbandoned(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The caller's place for notifications, or an answer that a POST has none. */
export function outletOf(call: Call): Outlet | undefined {
  const { outlet } = call.caller.channel;
  if (outlet) return outlet;
  const instead = methodOf(call).startsWith('inbox.') ? '; by POST use inbox.read' : '';
  call.answer(refuse('invalid', `${methodOf(call)} needs a WebSocket at /ws${instead}.`));
  return undefined;
}

/** A read that goes to the log may take a while: what follows need not wait, up to a bound. */
export function readLater({ door, log }: HandlerParts, call: Call, answer: Promise<Answer>): void {
  const { caller } = call;
  caller.reads++;
  if (caller.reads < limits.socket_reads) call.pass();
  const allowed = answer.then(settled => whileAllowed(door, call, settled));
  answerLater(call, allowed, log, () => caller.reads--);
}

/** Nothing new for who was put out while the log was read. */
function whileAllowed(door: Door, call: Call, answer: Answer): Answer {
  const held = standingOf(door.table, authorOf(call), doorTime(door));
  return isRefusal(held) ? held : answer;
}
