// Reviews for the random histories: what any broker might write of them, and what none would.

import type { Dice } from './dice.js';
import { type Draft, type Person, T0 } from './events.js';
import { forgets, marks, moved, observed, requests, sha, site, touches } from './events-reviews.js';

const repos = ['acme/app', 'acme/shop', 'umbra/app', 'acme/app', 'umbra/shop'];
const owners = ['umbra', 'acme', 'other', 'acme/app', ''];
const actions = ['opened', 'closed', 'reopened', 'constructor'];
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
    d =>
      observed(one(d), states[d.to]!, {
        pr_url: `${site(repos[d.who]!)}/pull/${one(d)}`,
        action: actions[d.other % 4]!,
        repo: `${d.thing % 2}`,
        updated_at: T0 + 1_000 * (d.other % 3),
      }),
    d => moved(repos[d.who]!, repos[d.to]!, { moved_at: d.other % 2 ? T0 + d.thing : 0 }),
    d => moved('acme', owners[d.to]!, { repo: `${d.other % 2}` }),
    d => moved(owners[d.to]!, 'acme'),
    d => forgets(pick(d.who), one(d)),
  ];
}
