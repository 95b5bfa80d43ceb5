// What named people say of asks beyond the plain one: questions, deadlines, many at once.
import type { EventOf } from '../../schemas/event.js';
import { askNo, broker, closes, type Draft, type Person, says, uuid } from './events.js';

export const yesOrNo = [
  { id: 'y', label: 'Yes' },
  { id: 'n', label: 'No' },
];
export const choice = { kind: 'choice', options: yesOrNo };
export const permission = { kind: 'permission' };

/** The id of the n-th ask (from 1) of the fan-out number `group`. */
export const askOf = (group: number, n: number) => `${askNo(group)}.${n}`;

export function fansOut(
  n: number,
  who: Person,
  to: readonly Person[],
  more: Partial<EventOf<'ask.fanned_out'>> = {},
): Draft {
  const circles = new Set(to.map(({ circle }) => circle));
  const circle = circles.size === 1 ? to[0]!.circle : '*';
  return says(who, 'ask.fanned_out', {
    id: uuid(n),
    group: askNo(n),
    to: to.map(({ peer }) => peer),
    text: 'ready?',
    circle,
    ...more,
  });
}

/** Closes one ask of a fan-out. */
export function closesOf(who: Person, ask: string, outcome: string, more = {}): Draft {
  return closes(who, 0, outcome, { ask, ...more });
}

/** A broker finds that the deadline of an ask has come. */
export const lapses = (ask: string) => broker('ask.expired', { ask, circle: 'default' });
