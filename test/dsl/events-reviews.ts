// What people and GitHub say of pull requests, as events.
import type { EventOf, EventType } from '../../schemas/event.js';
import { anyWord, broker, type Draft, type Person, says } from './events.js';

type Data<T extends EventType> = Partial<EventOf<T>>;

export const pull = (n: number) => `https://github.com/acme/app/pull/${n}`;
/** A whole commit id that begins with, and consists of, one digit. */
export const sha = (digit: number | string) => String(digit).repeat(40);

export const touches = (who: Person, n: number, more: Data<'review.touched'> = {}): Draft =>
  says(who, 'review.touched', { pr_url: pull(n), ...more });
export const pushes = (who: Person, n: number, digit: number): Draft =>
  touches(who, n, { head_sha: sha(digit) });
export const requests = (
  who: Person,
  n: number,
  of: Person,
  more: Data<'review.requested'> = {},
): Draft =>
  says(who, 'review.requested', { pr_url: pull(n), of: of.peer, circle: of.circle, ...more });
export const marks = (who: Person, n: number, more: Data<'review.marked'> = {}): Draft =>
  says(who, 'review.marked', { pr_url: pull(n), ...more });
export const forgets = (who: Person, n: number, more: Data<'review.forgotten'> = {}): Draft =>
  says(who, 'review.forgotten', { pr_url: pull(n), ...more });
/** A repository or its owner has another name from now on; as `acme/app`, or `acme`. */
export const moved = (from: string, to: string, more: Data<'review.moved'> = {}): Draft =>
  broker('review.moved', { from: site(from), to: site(to), ...more });
export const site = (path: string) => `https://github.com/${path}`;
export const observed = (n: number, state: string, more: Data<'review.observed'> = {}): Draft =>
  broker('review.observed', { pr_url: pull(n), state: anyWord(state), ...more });
