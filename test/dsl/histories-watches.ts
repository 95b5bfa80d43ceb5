// Watches for the random histories: what any broker might write of them, and what none would.
import { WHOLE } from '../../broker/core/watches/conditions/condition.js';
import type { EventOf } from '../../schemas/event.js';
import type { Dice } from './dice.js';
import { askNo, type Draft, type Person, T0 } from './events.js';
import { jobNo } from './events-jobs.js';
import { unwatches, watches, watchFires } from './events-watches.js';

type Made = Partial<EventOf<'watch.created'>> & Pick<EventOf<'watch.created'>, 'when'>;

/** When something may have been due, in ms since the opening. */
const ups = [0, 0, 0, 1_000, 1_000, 1_500, 9_050, 9_800, 31_000, 63_000];

/**
 * Few watches, each of a condition of its own, so that what is said of one often meets what it
 * waits for; the last is of anything.
 */
const ANY = 4;
const one = ({ thing }: Dice) => thing % (ANY + 1);

/** What each but the last waits for. */
function usualOf(people: readonly Person[]): readonly Made[] {
  const pick = (n: number) => people[n % people.length]!;
  return [
    { when: 'queue.deeper_than', queue: 'jobs', depth: 0, in_circle: pick(0).circle },
    { when: 'queue.deeper_than', queue: 'inbox', depth: 0, peer: pick(0).peer },
    { when: 'ask.older_than', age_s: 1, peer: pick(0).peer },
    { when: 'peer.offline', for_s: 1, peer: pick(1).peer },
  ];
}

/** Those that are there from the opening on, so that a fire is seldom about nothing. */
export function firstWatches(people: readonly Person[]): Draft[] {
  return usualOf(people).map((made, n) => {
    const { id: _, ...draft } = watches(n, people[n]!, people[n]!, { ...made, quiet_s: 1 });
    return draft;
  });
}

export function watchDrafts(people: readonly Person[]): ((dice: Dice) => Draft)[] {
  const pick = (n: number) => people[n % people.length]!;
  const usual = usualOf(people);
  const other = (d: Dice): Made[] => [
    { when: 'ask.older_than', age_s: 1, by_me: true },
    { when: 'ask.older_than', age_s: 1, ask: askNo(d.other) },
    { when: 'job.silent', for_s: 1, job: jobNo(d.other) },
    { when: 'job.silent', for_s: 1, owner: pick(d.to).peer },
    { when: 'job.silent', for_s: 1, kind: 'general', in_circle: pick(d.to).circle },
    { when: 'queue.deeper_than', queue: 'inbox', depth: d.other, for_s: 1, peer: pick(d.to).peer },
    { when: 'budget.above', tokens: 1, in_circle: pick(d.to).circle },
    { when: 'budget.above', percent: 50, peer: pick(d.to).peer },
  ];
  const owner = (d: Dice) => pick(one(d));
  const makes = (d: Dice) =>
    watches(one(d), owner(d), d.to ? owner(d) : pick(d.who), {
      tell: d.to % 2 ? 'ask' : 'notify',
      text: d.id % 3 ? undefined : d.text,
      once: d.id % 5 === 0,
      quiet_s: 1 + (d.other % 3),
      until: d.id % 6 === 0 ? T0 + 2_000 * d.other : undefined,
      ...(usual[one(d)] ?? other(d)[d.id % 8]!),
    });
  const goesOff = (about: string[], d: Dice) =>
    watchFires(one(d), d.id, about, {
      circle: owner(d).circle,
      number: d.to ? 1 : 2,
      up_to: T0 + ups[d.other]!,
    });
  const subjects = (d: Dice) =>
    [[WHOLE], [WHOLE], [askNo(d.who)], [pick(1).peer], [jobNo(d.who)]][one(d)]!;
  return [
    makes,
    makes,
    makes,
    d => makes({ ...d, thing: ANY }),
    d => unwatches(pick(d.to), one(d), owner(d).circle),
    d => goesOff(subjects(d), d),
    d => goesOff(subjects(d), d),
    d => goesOff(subjects(d), d),
    d => goesOff([askNo(d.who), ...subjects(d)], d),
  ];
}
