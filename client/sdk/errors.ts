// What can go wrong for a caller: the broker refused, or no answer came.
import { type RefusalName, refusals } from '../../schemas/refusal.js';

/** A refusal as it comes over the wire. */
export interface Refused {
  message: string;
  data: { refusal: RefusalName; retry: boolean; [detail: string]: unknown };
}

/** The refusal of a command that reached the log but lost there, when the answer says so. */
export function voided(result: unknown): Refused | undefined {
  const { verdict, reason, ...details } = (result ?? {}) as { verdict?: string; reason?: string };
  if (verdict !== 'void') return undefined;
  const isKnown = reason !== undefined && Object.hasOwn(refusals, reason);
  const name: RefusalName = isKnown ? (reason as RefusalName) : 'invalid';
  const no = refused(name, `void: ${isKnown ? refusals[name].help : reason}`);
  return { ...no, data: { ...details, ...no.data, void: reason ?? 'void' } };
}

/** The answer as it is. Throws RefusalError when the command reached the log but lost there. */
export function notVoid<T>(result: T): T {
  const no = voided(result);
  if (no) throw new RefusalError(no);
  return result;
}

/** What a refusal of an id for its time says the broker's time is, in ms UTC. */
export function brokerTimeIn({ data }: Pick<Refused, 'data'>): number | undefined {
  const isOfTime = data.refusal === 'invalid' || data.refusal === 'command_stale';
  return isOfTime && typeof data.time === 'number' ? data.time : undefined;
}

/** The error of an answer, completed: whatever answered may not have been a broker. */
export function asRefused(error: { message?: string; data?: object }): Refused {
  const data = { refusal: 'invalid' as const, retry: false, ...error.data };
  return { message: error.message ?? 'the call was refused without a reason', data };
}

/** What came back for a call. */
export type CallAnswer = { result: unknown } | { error: Refused };

/**
 * The broker said no. `refusal` names why, `message` says what to do next. When the command
 * reached the log and lost there, `data.void` is the reason.
 */
export class RefusalError extends Error {
  readonly refusal: RefusalName;
  /** True when the same call may succeed later: `rate_limited`, `unavailable`. */
  readonly retry: boolean;
  readonly data: Readonly<Refused['data']>;

  constructor({ message, data }: Refused) {
    super(message);
    this.name = 'RefusalError';
    this.refusal = data.refusal;
    this.retry = data.retry;
    this.data = data;
  }
}

/** A refusal that the client or a proxy gives where no broker answered in words. */
export function refused(refusal: RefusalName, message: string): Refused {
  return { message, data: { refusal, retry: false } };
}

/**
 * `unreachable`: no broker answered at the address. `timeout`: no answer within the time given.
 * `closed`: the client was closed. `lost`: the connection went while a subscription was made.
 * `inbox_taken`: another consumer reads the inbox now. `gap`: the broker skipped a stretch of the
 * log. `busy`: too many calls are unanswered. `job_cancelled`: somebody wants a claimed job
 * stopped. `misuse`: the program called in the wrong order.
 */
export type ClientErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'closed'
  | 'lost'
  | 'inbox_taken'
  | 'gap'
  | 'busy'
  | 'job_cancelled'
  | 'misuse';

/** No answer came, or the client itself had to say no. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** The command id, when one was sent: calling again with it settles what is unknown. */
  readonly id: string | undefined;

  constructor(code: ClientErrorCode, message: string, id?: string) {
    super(message);
    this.name = 'ClientError';
    this.code = code;
    this.id = id;
  }
}

/** What to do where no broker answered in words, or had no time to. */
export const credentialHelp =
  'the credential is not valid here; check the token file, or ask the operator for a new token';
export const addressHelp =
  'the broker does not serve this Host or Origin; use the address it printed when it started';
export const revokedHelp =
  'the credential was revoked or has expired; ask the operator for a new token';

/** What to do when nobody listens. */
export function noBroker(url: string, why: string): string {
  return `no broker answers at ${url} (${why}); start one with \`signalbox up\` or correct the URL`;
}
