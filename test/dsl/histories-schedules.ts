// Schedules for the random histories: what any broker might write of them, and what none would.

import type { Dice } from './dice.js';
import { type Draft, type Person, T0 } from './events.js';
import {
  callsOff,
  fires,
  pauses,
  plans,
  plansMinutely,
  resumes,
  skips,
} from './events-schedules.js';

const reasons = ['missed', 'overlap', 'missed', 'recipient_retired', 'inbox_full'];

/** Few schedules and few times, so that what is said of one often meets what it waits for. */
const one = ({ thing }: Dice) => thing % 2;
const at = ({ other }: Dice) => T0 + 1_000 * (other % 2);
const next = (dice: Dice) => (dice.id % 7 === 0 ? undefined : at(dice) + 1_000);
const fence = (dice: Dice) => ({ revision: dice.id % 4 === 0 ? dice.to % 3 : 0 });

export function scheduleDrafts(people: readonly Person[]): ((dice: Dice) => Draft)[] {
  const pick = (n: number) => people[n % people.length]!;
  const plan = (dice: Dice) => ({
    text: dice.text,
    kind: dice.to % 2 ? ('ask' as const) : ('notify' as const),
    catch_up: dice.id % 4 ? ('skip' as const) : ('last' as const),
    next_at: at(dice),
  });
  const makes = (d: Dice) => plansMinutely(one(d), pick(one(d)), pick(one(d) + 1), plan(d));
  const goesOff = (d: Dice) => fires(one(d), d.id, at(d), { ...fence(d), next_at: next(d) });
  return [
    makes,
    makes,
    makes,
    d => plans(one(d), pick(d.who), pick(d.to), plan(d)),
    d => pauses(pick(one(d)), one(d)),
    d => pauses(pick(one(d)), one(d)),
    d => resumes(pick(one(d)), one(d), at(d)),
    d => resumes(pick(one(d)), one(d), T0 + 9_000, { skipped: d.to + 1, skipped_to: T0 + 8_000 }),
    d => resumes(pick(one(d)), one(d), at(d) + 1_000, { skipped: 1, skipped_to: at(d) }),
    d => callsOff(pick(one(d)), one(d)),
    d => callsOff(pick(d.who), one(d), { skipped: d.other, skipped_to: at(d) }),
    goesOff,
    goesOff,
    goesOff,
    goesOff,
    d => skips(one(d), reasons[d.to]!, at(d), { ...fence(d), next_at: next(d) }),
    d => skips(one(d), reasons[d.to]!, at(d)),
  ];
}
