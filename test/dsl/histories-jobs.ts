// Jobs for the random histories: made, claimed, lost, finished and due, by whom it may be and not.

import type { Dice } from './dice.js';
import { anyWord, type Draft, type Person, T0 } from './events.js';
import * as j from './events-jobs.js';

/** So few that what happens to one often happens to the same: made and done where both may be. */
const FEW = [0, 1, 4, 5];
const dueOf = (n: number) => T0 + 900 * (1 + n);
const STATES = ['running', 'blocked', 'awaiting_input', 'nonsense'];
const OUTCOMES = ['completed', 'failed', 'completed', 'nonsense'];

/** Jobs that are there from the beginning: one to come, waiting, worked on, cancelled. */
export function firstJobs(sayer: (n: number) => Person, hearer: (n: number) => Person): Draft[] {
  return [
    ...[1, 4, 5].map(n => j.makesJob(n, sayer(n), { lease_s: n, deadline_at: T0 + 9_000 * n })),
    j.makesJob(0, sayer(0), { due_at: dueOf(0), cron: '* * * * *', zone: 'UTC' }),
    j.claims(hearer(4), 4, { circle: sayer(4).circle }),
    j.cancels(sayer(5), 5),
  ].map(({ id: _, ...draft }) => draft);
}

/** Makers of jobs' events. Job n is made by `sayer(n)`, and done by `hearer(n)` mostly. */
export function jobDrafts(
  sayer: (n: number) => Person,
  hearer: (n: number) => Person,
): ((dice: Dice) => Draft)[] {
  const n = ({ other }: Dice) => FEW[other % FEW.length]!;
  const circleOf = (d: Dice) => ({ circle: sayer(n(d)).circle });
  const doer = (d: Dice) => (d.to === 0 ? sayer(n(d)) : hearer(n(d)));
  const boss = (d: Dice) => (d.to === 0 ? hearer(n(d)) : sayer(n(d)));
  const attempt = ({ to }: Dice) => 1 + Math.max(0, to - 2);
  const terms = (d: Dice) => ({ attempts_max: 1 + (d.thing % 3), lease_s: 1 + (d.thing % 4) });
  const claims = (d: Dice) => j.claims(doer(d), n(d), circleOf(d));
  const updates = (d: Dice) => {
    const news = d.to > 0 ? { state: anyWord(STATES[d.to % STATES.length]!) } : {};
    return j.updates(doer(d), n(d), attempt(d), { ...circleOf(d), ...news, note: d.text });
  };
  const finishes = (d: Dice) =>
    j.finishes(doer(d), n(d), attempt(d), {
      ...circleOf(d),
      outcome: anyWord(OUTCOMES[d.to % OUTCOMES.length]!),
      result: { said: d.text, deep: [{}] },
      artifacts: [{ nonsense: d.to }],
    });
  const lapses = (d: Dice) => j.lapses(n(d), attempt(d), circleOf(d));
  const makes = (d: Dice) => j.makesJob(n(d), sayer(n(d)), terms(d));
  return [
    ...[makes, claims, updates, finishes, lapses],
    ...[makes, claims, updates, finishes, lapses, claims],
    d =>
      j.assigns(n(d), sayer(n(d)), hearer(n(d)), {
        ...terms(d),
        body: d.text,
        deadline_at: T0 + 2_000 * d.thing,
      }),
    d =>
      j.makesJob(n(d), sayer(n(d)), {
        ...terms(d),
        due_at: dueOf(n(d)),
        ...(d.to > 1 && { cron: '* * * * *', zone: 'UTC' }),
      }),
    d => j.cancels(boss(d), n(d), circleOf(d)),
    d => j.retries(boss(d), n(d), circleOf(d)),
    d =>
      j.fallsDue(n(d), dueOf(n(d)), {
        ...circleOf(d),
        ...(d.to > 1 && { next_at: dueOf(n(d)) + 10_000 }),
        ...(d.to > 3 && { skipped: 'overlap' }),
      }),
    d => j.expires(n(d), circleOf(d)),
  ];
}
