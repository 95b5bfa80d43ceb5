// Read your writes: a POST may say which position its broker must have folded before it answers.
import type { IncomingMessage } from 'node:http';
import { MIN_POSITION_HEADER } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import type { Door } from '../../runtime/door.js';
import { within } from '../../system/deadline.js';
import { type Rejection, reject } from '../shared/rejection.js';

type Head = Pick<Door, 'info' | 'caughtUp'>;

/**
 * Waits until the position of the header is folded here; undefined once it is, or where there is
 * no such header. 400 for what is no position; 503 when the log does not reach it, or cannot be
 * heard within `limits.answer_wait_ms`. https://jepsen.io/consistency/models/read-your-writes
 */
export async function belowMinimum(
  door: Head,
  { headers }: Pick<IncomingMessage, 'headers'>,
): Promise<Rejection | undefined> {
  const text = headers[MIN_POSITION_HEADER];
  if (text === undefined) return undefined;
  const position = /^\d{1,16}$/.test(String(text)) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(position)) {
    return reject(400, 'invalid', `Send a position as ${MIN_POSITION_HEADER}: a whole number.`);
  }
  const sequence = Math.floor(position / limits.commit_positions);
  if (door.info().sequence >= sequence) return undefined;
  await within(
    door.caughtUp().catch(() => {}),
    limits.answer_wait_ms,
    undefined,
  );
  if (door.info().sequence >= sequence) return undefined;
  return reject(503, 'unavailable', 'The log does not reach that position here; try again soon.');
}
