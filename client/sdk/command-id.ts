// The id that every command carries, minted where the caller gave none.
import { isProposing } from '../../schemas/event.js';
import type { MethodName } from '../../schemas/method.js';
import type { CallFields } from './followers.js';
import { type BrokerTime, mintId } from './identity.js';

/** The parameters with the id that a command needs; one that is there stays. */
export function withId(method: MethodName, params: CallFields, time: BrokerTime): CallFields {
  if (!isProposing(method) || params.id !== undefined) return params;
  return { ...params, id: mintId(time.now()) };
}
