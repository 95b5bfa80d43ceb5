// How the command line ends: what each exit code means, and which refusal ends with which.
import { type RefusalName, refusals } from '../../schemas/refusal.js';

export const exits = {
  ok: 0,
  failed: 1,
  usage: 2,
  unauthorised: 4,
  unknown: 5,
  conflict: 6,
  unreachable: 7,
  waited: 124,
  interrupted: 130,
} as const;
export type ExitName = keyof typeof exits;

const refusalExits: Record<RefusalName, ExitName> = {
  parse_error: 'failed',
  invalid_request: 'failed',
  method_unknown: 'failed',
  invalid: 'usage',
  internal: 'failed',
  unauthorized: 'unauthorised',
  forbidden: 'unauthorised',
  circle_forbidden: 'unauthorised',
  not_yours: 'unauthorised',
  peer_unknown: 'unknown',
  ask_unknown: 'unknown',
  job_unknown: 'unknown',
  schedule_unknown: 'unknown',
  watch_unknown: 'unknown',
  review_unknown: 'unknown',
  message_unknown: 'unknown',
  token_unknown: 'unknown',
  webhook_unknown: 'unknown',
  letter_unknown: 'unknown',
  lease_unknown: 'unknown',
  command_stale: 'conflict',
  peer_ambiguous: 'conflict',
  peer_retired: 'conflict',
  ask_closed: 'conflict',
  ask_not_question: 'conflict',
  option_unknown: 'conflict',
  job_state: 'conflict',
  lease_stale: 'conflict',
  lease_held: 'conflict',
  schedule_never_fires: 'conflict',
  orchestrator_live: 'conflict',
  orchestrator_away: 'conflict',
  handed_over: 'conflict',
  generation_stale: 'conflict',
  hop_limit: 'conflict',
  budget_spent: 'conflict',
  too_large: 'failed',
  rate_limited: 'failed',
  inbox_full: 'failed',
  cursor_foreign: 'conflict',
  cursor_diverged: 'conflict',
  cursor_ahead: 'conflict',
  unavailable: 'unreachable',
};

/** The exit a refusal ends with; one this version does not know is a plain failure. */
export function exitOf(refusal: string): ExitName {
  return Object.hasOwn(refusals, refusal) ? refusalExits[refusal as RefusalName] : 'failed';
}

/** An end that is not ok; `message` says what is wrong, `hint` what to do next. */
export class Failure extends Error {
  readonly exit: ExitName;
  readonly hint: string | undefined;
  readonly refusal: string | undefined;

  constructor(exit: ExitName, message: string, more: { hint?: string; refusal?: string } = {}) {
    super(message);
    this.exit = exit;
    this.hint = more.hint;
    this.refusal = more.refusal;
  }
}

/** A refusal of the broker, or the reason of a void, as the end of a command. */
export function refused(refusal: string, message: string, hint?: string): Failure {
  return new Failure(exitOf(refusal), message, { refusal, ...(hint && { hint }) });
}

/** The reader of stdout has gone away, as `head` does: an end without a word. */
export class PipeClosed extends Error {}
