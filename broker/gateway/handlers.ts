// What each method does once it may: most are commands or reads, a few concern the connection.
import { limits } from '../../schemas/limits.js';
import { type MethodName, methodRow, type Parsed } from '../../schemas/method.js';
import { isRefusal, refuse } from '../../schemas/refusal.js';
import { formatCursor } from '../cursor.js';
import type { Answer, Author, Command, Door } from '../door.js';
import { rights } from '../rows/tokens.js';
import { doorTime } from './access.js';
import type { Call } from './caller.js';
import type { Fanout } from './fanout.js';
import type { InboxDelivery } from './inbox-delivery.js';
import type { Logger } from './logger.js';
import type { Outlet } from './outlet.js';
import type { Sessions } from './sessions.js';

export interface HandlerParts {
  door: Door;
  fanout: Fanout;
  inbox: InboxDelivery;
  sessions: Sessions;
  log: Logger;
}

/** Carries out a call that passed every check. */
export type Handlers = (call: Call) => void;

type Special = { [M in MethodName]?: (parts: HandlerParts, call: Call) => void };

const special: Special = {
  'peer.join': join,
  'peer.attach': attach,
  'inbox.subscribe': subscribe,
  'inbox.read': readInbox,
  'ask.wait': waitForAsk,
  'log.observe': observe,
  'log.unobserve': unobserve,
  'session.offer': offerSession,
  'session.start': startSession,
};

export function createHandlers(parts: HandlerParts): Handlers {
  return call => {
    const handler = special[methodOf(call)];
    if (handler) handler(parts, call);
    else if (methodRow(methodOf(call)).event === undefined) read(parts, call);
    else propose(parts, call, authorOf(call), answer => call.answer(answer));
  };
}

function methodOf({ method }: Call): MethodName {
  return method!;
}

function paramsOf<M extends MethodName>(call: Call): Parsed<M> {
  return call.params as Parsed<M>;
}

/** Set, because every method but session.start is refused before the caller is known. */
function authorOf({ caller }: Call): Author {
  return caller.author!;
}

function propose(
  { door }: HandlerParts,
  call: Call,
  author: Author,
  done: (answer: Answer) => void,
): void {
  const connected = call.caller.channel.outlet !== undefined;
  // The pair of method and parameters was made by the table of methods itself.
  const command = { method: methodOf(call), params: call.params, author, connected } as Command;
  door.command(command, call.pass, done);
}

function read({ door, log }: HandlerParts, call: Call): void {
  const { caller } = call;
  const answer = door.read(methodOf(call), call.params, authorOf(call));
  if (!(answer instanceof Promise)) {
    call.answer(answer);
    return;
  }
  // A read that goes to the log may take a while: what follows need not wait, up to a bound.
  caller.reads++;
  if (caller.reads < limits.socket_reads) call.pass();
  answerLater(call, answer, log, () => caller.reads--);
}

function answerLater(call: Call, answer: Promise<Answer>, log: Logger, over?: () => void): void {
  answer
    .catch((error: unknown) => {
      log.error({ method: call.method, error }, 'a call could not be answered');
      return refuse('unavailable', 'The log cannot be reached just now; try again.');
    })
    .then(settled => {
      over?.();
      call.answer(settled);
    });
}

function join(parts: HandlerParts, call: Call): void {
  const { peer } = paramsOf<'peer.join'>(call);
  const { token } = authorOf(call);
  if (speaksForAnother(call, peer)) return;
  // Always the token's event, so that the same join sent again is known as the same. Nothing
  // may overtake it, so `pass` waits for the answer.
  const connected = call.caller.channel.outlet !== undefined;
  const command = { method: 'peer.join', params: call.params, author: { token }, connected };
  parts.door.command(
    command as Command,
    () => {},
    answer => {
      if (!isRefusal(answer) && answer.result.verdict === 'applied')
        speak(call, answer.result.peer);
      call.answer(answer);
    },
  );
}

function attach({ door, log }: HandlerParts, call: Call): void {
  const { peer } = paramsOf<'peer.attach'>(call);
  if (speaksForAnother(call, peer)) return;
  const { token } = authorOf(call);
  const answer = Promise.resolve(door.read('peer.attach', call.params, { token }));
  const spoken = answer.then(settled => {
    if (!isRefusal(settled)) speak(call, settled.result.peer);
    return settled;
  });
  answerLater(call, spoken, log);
}

function speak(call: Call, peer: unknown): void {
  if (typeof peer === 'string') call.caller.speakFor(peer);
}

function speaksForAnother(call: Call, peer: string | undefined): boolean {
  const spoken = authorOf(call).peer;
  if (spoken === undefined || spoken === peer) return false;
  call.answer(
    refuse('invalid', `This connection speaks for ${spoken}; open another one for another peer.`),
  );
  return true;
}

/** The caller's place for notifications, or an answer that a POST has none. */
function outletOf(call: Call): Outlet | undefined {
  const { outlet } = call.caller.channel;
  if (outlet) return outlet;
  const instead = methodOf(call).startsWith('inbox.') ? '; by POST use inbox.read' : '';
  call.answer(refuse('invalid', `${methodOf(call)} needs a WebSocket at /ws${instead}.`));
  return undefined;
}

function subscribe(parts: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  propose(parts, call, authorOf(call), answer => {
    call.answer(answer);
    if (isRefusal(answer) || answer.result.verdict !== 'applied') return;
    parts.inbox.subscribed(outlet, Number(answer.result.generation));
  });
}

function readInbox({ inbox, log }: HandlerParts, call: Call): void {
  const params = paramsOf<'inbox.read'>(call);
  const { token, peer = '' } = authorOf(call);
  const start = () => inbox.read({ token, peer }, params).then(result => ({ result }));
  wait(call, params.wait_s, start, log);
}

function waitForAsk({ inbox, log }: HandlerParts, call: Call): void {
  const params = paramsOf<'ask.wait'>(call);
  wait(call, params.timeout_s, () => inbox.waitForAsk(authorOf(call), params), log);
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
  answerLater(call, start(), log, () => caller.waits--);
}

function observe({ fanout, log }: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  call.pass();
  const answer = fanout
    .observe(outlet, paramsOf<'log.observe'>(call))
    .then(said => (isRefusal(said) ? said : { result: said }));
  answerLater(call, answer, log);
}

function unobserve({ fanout }: HandlerParts, call: Call): void {
  const outlet = outletOf(call);
  if (outlet === undefined) return;
  const isEnded = fanout.unobserve(outlet, paramsOf<'log.unobserve'>(call).subscription);
  const message = 'This connection has no such subscription; use what log.observe answered.';
  call.answer(isEnded ? { result: {} } : refuse('invalid', message));
}

function offerSession({ sessions }: HandlerParts, call: Call): void {
  call.answer({ result: sessions.offer(authorOf(call).token) });
}

function startSession({ door, sessions }: HandlerParts, call: Call): void {
  const token = sessions.redeem(paramsOf<'session.start'>(call).code);
  if (token === undefined || rights(door.table, token, doorTime(door)) === undefined) {
    const message = 'The code is spent or too old; run `signalbox open` for a new one.';
    call.answer(refuse('unauthorized', message));
    return;
  }
  call.caller.identify(token);
  const { log, sequence, digest } = door.info();
  const cursor = formatCursor(log, sequence, digest);
  call.answer({ result: { resume: sessions.resume(token), time: door.now(), cursor } });
}
