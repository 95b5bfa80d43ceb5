// Authentication of a connection: join, attach, and the session of a page.
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { formatCursor } from '../../core/cursor.js';
import { standingOf } from '../../core/rows/standing.js';
import { hashSecret } from '../../core/tokens/secret.js';
import type { Answer } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { doorTime } from '../shared/access.js';
import { answerLater, authorOf, type HandlerParts, paramsOf, propose } from './call-tools.js';
import type { Call } from './caller.js';

/**
 * `peer.join`: from its answer on the connection speaks for the peer. Refuses with `unauthorized`
 * when the secret is not the one of that peer, `invalid` when it speaks for another one already.
 */
export function join(parts: HandlerParts, call: Call): void {
  const { peer, secret } = paramsOf<'peer.join'>(call);
  const { token } = authorOf(call);
  if (speaksForAnother(call, peer)) return;
  const done = (answer: Answer) => call.answer(speak(parts.door, call, answer, secret));
  // Always the token's event, so that the same join sent again is known as the same. Nothing
  // may overtake it, so what follows waits for the answer.
  propose(parts, call, { token }, done, () => {});
}

/** `peer.attach`: the same for a peer that is there already; logs nothing. */
export function attach({ door, log }: HandlerParts, call: Call): void {
  const { peer, secret } = paramsOf<'peer.attach'>(call);
  if (speaksForAnother(call, peer)) return;
  const { token } = authorOf(call);
  const answer = Promise.resolve(door.read('peer.attach', call.params, { token }));
  answerLater(
    call,
    answer.then(settled => speak(door, call, settled, secret)),
    log,
  );
}

/** Lets the connection speak for the peer that a good answer names, and passes the answer on. */
function speak(door: Door, call: Call, answer: Answer, chosen: string | undefined): Answer {
  if (isRefusal(answer) || answer.result.verdict === 'void') return answer;
  const { peer, secret = chosen } = answer.result;
  // A join sent again gets its first answer, but the id alone, seen in the log, proves nothing.
  if (secret === undefined) return answer;
  if (typeof peer !== 'string' || !isSecretOf(door, peer, secret)) {
    return refuse('unauthorized', 'The secret is not that of this peer; send the one it has.');
  }
  call.caller.speakFor(peer);
  return answer;
}

function isSecretOf(door: Door, peer: string, secret: unknown): boolean {
  return typeof secret === 'string' && door.table.peers.hasSecret(peer, hashSecret(secret));
}

function speaksForAnother(call: Call, peer: string | undefined): boolean {
  const spoken = authorOf(call).peer;
  if (spoken === undefined || spoken === peer) return false;
  call.answer(
    refuse('invalid', `This connection speaks for ${spoken}; open another one for another peer.`),
  );
  return true;
}

/** `session.offer`: a one-time code with which a page speaks as this caller. */
export function offerSession({ sessions }: HandlerParts, call: Call): void {
  call.answer({ result: sessions.offer(authorOf(call)) });
}

/**
 * `session.start`: the page becomes who offered the code. Refuses with `unauthorized` when the code
 * is spent, too old, or of somebody who has been put out.
 */
export function startSession({ door, sessions }: HandlerParts, call: Call): void {
  const author = sessions.redeem(paramsOf<'session.start'>(call).code);
  // Who offered it may have been killed, or its token revoked, since.
  if (author === undefined || isRefusal(standingOf(door.table, author, doorTime(door)))) {
    const message = 'The code was used already or is too old; run `signalbox open` for a new one.';
    call.answer(refuse('unauthorized', message));
    return;
  }
  call.caller.identify(author);
  const { log, sequence, digest } = door.info();
  const cursor = formatCursor(log, sequence, digest);
  call.answer({ result: { resume: sessions.resume(author), time: door.now(), cursor } });
}
