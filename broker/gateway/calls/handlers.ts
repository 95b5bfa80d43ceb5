// The method handlers: most methods are commands or reads, a few concern the connection.
import { isProposing } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { MethodName } from '../../../schemas/method.js';
import { isRefusal, type Refusal } from '../../../schemas/refusal.js';
import { drainOf, isIdle } from '../../core/inbox/drain.js';
import type { Answer } from '../../core/words.js';
import { auditFacts, exportLog, verifyLog } from '../audit/audit-calls.js';
import { doorTime } from '../shared/access.js';
import { healthReport } from '../shared/health-report.js';
import { entrustWebhook, keptSecret, notKept, tryWebhook } from '../webhooks/webhook-calls.js';
import {
  authorOf,
  type HandlerParts,
  methodOf,
  paramsOf,
  propose,
  readLater,
} from './call-tools.js';
import type { Call } from './caller.js';
import { attach, join, offerSession, startSession } from './identity.js';
import {
  observe,
  readInbox,
  subscribe,
  takeLease,
  unobserve,
  unwatch,
  waitForAsk,
  watch,
} from './subscriptions.js';

/** Carries out a call that passed every check. */
export type Handlers = (call: Call) => void;

type Special = { [M in MethodName]?: (parts: HandlerParts, call: Call) => void };

const special: Special = {
  'peer.join': join,
  'peer.attach': attach,
  'inbox.subscribe': subscribe,
  'inbox.read': readInbox,
  'inbox.drain': drain,
  'ask.wait': waitForAsk,
  'lease.take': takeLease,
  'log.observe': observe,
  'log.unobserve': unobserve,
  'view.watch': watch,
  'view.unwatch': unwatch,
  'log.read': readLog,
  'log.histogram': readHistogram,
  'mesh.health': readHealth,
  'log.verify': verify,
  'log.export': (parts, call) => {
    const page = exportLog(parts.door, authorOf(call), paramsOf<'log.export'>(call));
    readLater(parts, call, answerOf(page));
  },
  'mesh.audit': ({ door }, call) => call.answer({ result: auditFacts(door) }),
  'webhook.add': proposeSecret,
  'webhook.rotate': proposeSecret,
  'webhook.entrust': (parts, call) => {
    const params = paramsOf<'webhook.entrust'>(call);
    readLater(parts, call, answerOf(entrustWebhook(parts.door, authorOf(call), params)));
  },
  'webhook.test': (parts, call) => {
    const params = paramsOf<'webhook.test'>(call);
    readLater(parts, call, answerOf(tryWebhook(parts.door, authorOf(call), params)));
  },
  'session.offer': offerSession,
  'session.start': startSession,
};

/**
 * What a call does that passed every check: its method's own handler, else its event is proposed,
 * else it is read.
 */
export function createHandlers(parts: HandlerParts): Handlers {
  return call => {
    const handler = special[methodOf(call)];
    if (handler) handler(parts, call);
    else if (!isProposing(methodOf(call))) read(parts, call);
    else propose(parts, call, authorOf(call), answer => call.answer(answer));
  };
}

/** `inbox.drain`: nothing is written where there is nothing to hand over, and nothing to prove. */
function drain(parts: HandlerParts, call: Call): void {
  const { door } = parts;
  const author = authorOf(call);
  const found = drainOf(door.table, author.peer!, paramsOf<'inbox.drain'>(call), doorTime(door));
  if (!isIdle(found)) {
    propose(parts, call, author, answer => call.answer(answer));
    return;
  }
  const position = door.info().sequence * limits.commit_positions;
  const { remaining } = found;
  call.answer({ result: { position, verdict: 'applied', items: [], remaining, seen: 0 } });
}

/** `webhook.add`, `webhook.rotate`: a secret that was chosen is on disk before it is spoken of. */
function proposeSecret(parts: HandlerParts, call: Call): void {
  const say = (answered?: (answer: Answer) => void) =>
    propose(parts, call, authorOf(call), answer => {
      answered?.(answer);
      call.answer(answer);
    });
  const kept = keptSecret(parts.door, paramsOf<'webhook.add' | 'webhook.rotate'>(call));
  if (kept === undefined) say();
  else
    kept.then(
      answered => call.guard(() => say(answered)),
      () => {
        call.pass();
        call.answer(notKept());
      },
    );
}

function read(parts: HandlerParts, call: Call): void {
  const answer = parts.door.read(methodOf(call), call.params, authorOf(call));
  if (answer instanceof Promise) readLater(parts, call, answer);
  else call.answer(answer);
}

/** `log.histogram`: as `Fanout.histogram` says. */
function readHistogram(parts: HandlerParts, call: Call): void {
  const histogram = parts.fanout.histogram(authorOf(call), paramsOf<'log.histogram'>(call));
  readLater(
    parts,
    call,
    histogram.then(said => (isRefusal(said) ? said : { result: said })),
  );
}

/** `mesh.health`: also of a broker that takes no commands. */
function readHealth({ door, figures }: HandlerParts, call: Call): void {
  call.answer({ result: healthReport(door, figures()) });
}

/** `log.read`: as `Fanout.read` says. */
function readLog(parts: HandlerParts, call: Call): void {
  const page = parts.fanout.read(authorOf(call), paramsOf<'log.read'>(call));
  readLater(parts, call, answerOf(page));
}

async function answerOf(said: Promise<Refusal | Record<string, unknown>>): Promise<Answer> {
  const answer = await said;
  return isRefusal(answer) ? answer : { result: answer };
}

/** `log.verify`: given up once the socket that asked is gone. */
function verify(parts: HandlerParts, call: Call): void {
  const gone = new AbortController();
  const params = paramsOf<'log.verify'>(call);
  const verified = verifyLog(parts.door, authorOf(call), params, gone.signal);
  // A socket may live long and ask often: what listens for its end goes with the call.
  const release = call.caller.channel.outlet?.whenClosed(() => gone.abort());
  readLater(parts, call, answerOf(verified.finally(release)));
}
