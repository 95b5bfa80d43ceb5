// The calls of the OpenCode plugin: what is asked of the broker at a prompt, in a turn, at rest.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { Capabilities } from '../../../schemas/peer.js';
import type { HookCall } from '../hook-calls.js';

/** What a drain says beside asking for mail. */
export interface DrainTerms {
  /** The session of OpenCode. */
  session: string;
  proof: boolean;
  again: boolean;
  /** Items at most. Default: as many as a hook takes. */
  max?: number;
}

/** What a turn has used of its model. */
export interface TurnUsage {
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_usd?: number;
  rate_limited?: boolean;
}

/**
 * Takes mail. What the tool `inbox` hands over belongs to the session as well, and is proven by
 * its own rules: the plugin speaks of what it has placed itself.
 */
export function drainCall({ session, proof, again, max = limits.hook_items }: DrainTerms) {
  const params = { session: `${session}/plugin`, proof, again, max };
  const max_chars = limits.hook_items_chars;
  return { method: 'inbox.drain', params: { ...params, max_chars } } satisfies HookCall;
}

/** At the prompt of a person; whether the session has said what it does is asked with it. */
export function promptCalls(
  terms: DrainTerms,
  isDescribed: boolean,
  can: Capabilities,
): HookCall[] {
  return [
    drainCall(terms),
    { method: 'peer.turn', params: { state: 'working', can } },
    { method: 'inbox.reminders', params: { max: limits.mail_reminders_items } },
    ...(isDescribed ? [] : [{ method: 'peer.whoami', params: {} } satisfies HookCall]),
  ];
}

/** How the turn stands, and what it used. */
export function turnCall(
  state: 'idle' | 'working' | 'awaiting_input',
  usage?: TurnUsage,
): HookCall {
  return { method: 'peer.turn', params: { state, ...(usage && { usage }) } };
}
