// Calls by POST in the name of a shell, each remembered so that its refusal reads as its verb does.
import type { CommandName, MethodName, Result } from '../../../schemas/method.js';
import type { CallParams } from '../../sdk/api.js';
import type { Brokers } from '../../sdk/brokers.js';
import { RefusalError } from '../../sdk/errors.js';
import { BrokerTime } from '../../sdk/identity.js';
import { call } from '../../sdk/post.js';
import { noteCall } from '../../terminal/refusal-text.js';
import { postPlainly } from './http.js';

/**
 * The broker's time as this run knows it: every answer tells it, a run reaches one mesh. Until
 * it has answered this is our own clock.
 */
export const brokerTime = new BrokerTime();

export type CallRest<M extends MethodName> = [method: M, params: CallParams<M>, wait_ms?: number];

/** Any call. */
export type AnyCall = <M extends MethodName>(...rest: CallRest<M>) => Promise<Result<M>>;
/** A call that says something. */
export type Speak = <M extends CommandName>(...rest: CallRest<M>) => Promise<Result<M>>;

/** Calls until it is settled. Rejects as the SDK's `call` does. */
export async function settled<M extends MethodName>(
  url: Brokers,
  credential: string,
  method: M,
  params: CallParams<M>,
  wait_ms?: number,
): Promise<Result<M>> {
  const options = {
    url,
    credential,
    time: brokerTime,
    send: postPlainly,
    ...(wait_ms && { wait_ms }),
  };
  try {
    return await call(options, method, params);
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    const wrong = error.refusal === 'invalid' ? await wrongIn(method, params) : undefined;
    noteCall(error, { method, params, wrong });
    throw error;
  }
}

async function wrongIn(method: MethodName, params: unknown): Promise<string | undefined> {
  const { wrongValue } = await import('../../terminal/wrong-value.js');
  return wrongValue(method, params);
}

/** True for a credential that the broker does not know, or knows no more. */
export function isLockedOut(error: unknown): boolean {
  return error instanceof RefusalError && error.refusal === 'unauthorized';
}
