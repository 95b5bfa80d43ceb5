// One call by POST until it is settled: repeated while it may succeed; a void is a refusal.
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../../schemas/limits.js';
import type { CommandName, MethodName, Result } from '../../../schemas/method.js';
import type { CallParams } from '../../sdk/api.js';
import { ClientError, RefusalError } from '../../sdk/errors.js';
import { callOnce } from '../../sdk/post.js';
import { refused } from '../../terminal/exit.js';
import { noteCall, voidText } from '../../terminal/refusal-text.js';
import { brokerTime } from './broker-time.js';

export type CallRest<M extends MethodName> = [method: M, params: CallParams<M>, wait_ms?: number];

/** Any call. */
export type Call = <M extends MethodName>(...rest: CallRest<M>) => Promise<Result<M>>;
/** A call that changes nothing in the log. */
export type Look = <M extends Exclude<MethodName, CommandName>>(
  ...rest: CallRest<M>
) => Promise<Result<M>>;
/** A call that says something. */
export type Speak = <M extends CommandName>(...rest: CallRest<M>) => Promise<Result<M>>;

/** Calls; what may succeed later or is unknown is repeated a few times under the same id. */
export async function settled<M extends MethodName>(
  url: string,
  credential: string,
  method: M,
  params: CallParams<M>,
  wait_ms: number = limits.call_wait_ms,
): Promise<Result<M>> {
  let sent = params;
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await callOnce({ url, credential, wait_ms, time: brokerTime }, method, sent);
      return notVoid(result);
    } catch (error) {
      if (error instanceof RefusalError) noteCall(error, method, sent);
      if (attempt === limits.cli_tries || !canRepeat(error)) throw error;
      if (error instanceof ClientError && error.id) sent = { ...params, id: error.id };
      await sleep(limits.cli_retry_ms * attempt);
    }
  }
}

/** True for a credential that the broker does not know, or knows no more. */
export function isLockedOut(error: unknown): boolean {
  return error instanceof RefusalError && error.refusal === 'unauthorized';
}

function canRepeat(error: unknown): boolean {
  if (error instanceof RefusalError) return error.retry;
  return error instanceof ClientError && ['timeout', 'unreachable'].includes(error.code);
}

/** A command that lost to another in the log took no effect: for its caller that is a refusal. */
function notVoid<M extends MethodName>(result: Result<M>): Result<M> {
  if (!('verdict' in result) || result.verdict !== 'void') return result;
  const reason = result.reason ?? 'void';
  throw refused(reason, voidText(reason));
}
