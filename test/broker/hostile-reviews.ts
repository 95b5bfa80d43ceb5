// Reviews for the random histories: what any broker might write of them, and what none would.
import { type Draft, type Person, T0 } from '../people.js';
import { marks, observed, requests, sha, touches } from '../people-reviews.js';
import type { Dice } from './dice.js';

const states = ['open', 'merged', 'closed', 'open', 'unknown'];

/** Three pull requests, so that what is said of one meets what was said of it before. */
const one = ({ thing }: Dice) => thing % 3;
const head = ({ other }: Dice) => (other % 4 === 0 ? undefined : sha(other % 3));
const short = (dice: Dice) => head(dice)?.slice(0, 7 + dice.to);

export function reviewDrafts(people: readonly Person[]): ((dice: Dice) => Draft)[] {
  const pick = (n: number) => people[n % people.length]!;
  return [
    d => touches(pick(d.who), one(d), { head_sha: short(d), title: d.text.slice(0, 9) }),
    d => requests(pick(d.who), one(d), pick(d.to)),
    d => marks(pick(d.who), one(d), { sha: short(d) }),
    d =>
      observed(one(d), states[d.to]!, {
        head_sha: head(d),
        title: d.text,
        delivery: `delivery-${d.other}`,
        updated_at: T0 + 500 * d.thing,
      }),
    d => observed(one(d), states[d.to]!, { observed_at: T0 + 700 * d.other }),
  ];
}
