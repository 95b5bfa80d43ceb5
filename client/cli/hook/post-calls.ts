// One POST with several calls: all that a hook asks of the broker.
import { TIME_HEADER } from '../../../schemas/frame.js';
import type { MethodName } from '../../../schemas/method.js';
import { makeUuid } from '../../../schemas/uuid.js';
import { rpcUrl } from '../../sdk/address.js';
import type { Brokers } from '../../sdk/brokers.js';
import { asRefused, ClientError, noBroker, RefusalError, refused } from '../../sdk/errors.js';
import { BrokerTime } from '../../sdk/identity.js';
import { postPlainly } from '../reach/http.js';
import { age_ms } from './age.js';

/** Where the calls go, and as whom. */
export interface Post {
  brokers: Brokers;
  credential: string;
  signal: AbortSignal;
}

/** A call; a command without an id is given one. */
export interface PostCall {
  method: MethodName;
  params: object;
}

/** What was answered: each result in the order of its call, or why there is none. */
export interface PostAnswer {
  results: (object | RefusalError)[];
  /** Mesh time, in ms UTC. */
  now: number;
}

/**
 * Sends the calls in one request, to the next broker where nobody listens at one. Rejects with
 * ClientError `unreachable` when nobody did, so that nothing was done; with another error when the
 * outcome is unknown, and with RefusalError `unauthorized`.
 */
export async function postCalls(post: Post, calls: readonly PostCall[]): Promise<PostAnswer> {
  const { brokers } = post;
  const time = new BrokerTime(age_ms);
  if (calls.length === 0) return { results: [], now: time.now() };
  for (let left = brokers.urls.length - 1; ; left--) {
    const { url } = brokers;
    try {
      return await sendTo(url, post, calls, time);
    } catch (error) {
      if (!isUnheard(error)) throw error;
      brokers.leave(url);
      if (left === 0) throw new ClientError('unreachable', noBroker(url, error.message));
    }
  }
}

async function sendTo(
  url: string,
  { credential, signal }: Post,
  calls: readonly PostCall[],
  time: BrokerTime,
): Promise<PostAnswer> {
  const batch = calls.map(({ method, params }, id) => {
    const command = reads.has(method) ? {} : { id: makeUuid(time.now(), random(10)) };
    return { jsonrpc: '2.0', id, method, params: { ...command, ...params } };
  });
  const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(batch), signal } as const;
  const answer = await postPlainly(rpcUrl(url), request);
  if (answer.status === 401) throw new RefusalError(refused('unauthorized', 'not known here'));
  const told = Number(answer.headers.get(TIME_HEADER) ?? Number.NaN);
  if (Number.isSafeInteger(told)) time.learn(told);
  const answers: unknown = JSON.parse(await answer.text());
  if (!Array.isArray(answers)) throw new Error(`${url} does not answer as a Signalbox broker`);
  const byId = new Map(answers.map(each => [Object(each).id, Object(each)]));
  return { results: batch.map(({ id }) => resultIn(byId.get(id))), now: time.now() };
}

/** Of what hooks call, what is no command and takes no id. */
const reads: ReadonlySet<MethodName> = new Set([
  'inbox.reminders',
  'ask.get',
  'ask.wait',
  'peer.list',
  'peer.whoami',
]);

/** For ids that are to differ, not to be hard to guess: what can do both takes long to load. */
function random(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, () => Math.random() * 256);
}

function resultIn(answer: { result?: unknown; error?: unknown } | undefined) {
  if (answer?.error instanceof Object) return new RefusalError(asRefused(answer.error));
  if (answer?.result instanceof Object) return answer.result;
  throw new Error('the broker left a call without an answer');
}

/** True where no connection came about. */
function isUnheard(error: unknown): error is Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
}
