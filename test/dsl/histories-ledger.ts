// Random words of presence and usage: turns that used something or nonsense, bounds, goodbyes.
import type { Draft, Person } from './events.js';
import { disconnects, T0, turns } from './events.js';
import { bounds, boundsCircle, describes, givesUp, uses } from './events-ledger.js';

interface Dice {
  who: number;
  to: number;
  thing: number;
  other: number;
  text: string;
}

const amounts = [0, 7, 7_000, -1, 0.5, 2 ** 60, Number.NaN, '7', null, [1], { of: 1 }];
const costs = [0.25, 1e-9, 3, 1e9, -2, undefined, 'free'];
const some = [undefined, 30, 9_000, 1e12, -1];
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;

export function ledgerDrafts(people: readonly Person[]): ((dice: Dice) => Draft)[] {
  const who = (d: Dice) => pick(people, d.who);
  const limit = (d: Dice) => ({
    tokens_per_day: pick(some, d.thing)!,
    cost_usd_per_day: pick(some, d.other)!,
  });
  return [
    d => uses(who(d), { cost_usd: pick(costs, d.other), rate_limited: d.to % 2 === 0 }, 'working'),
    d => uses(who(d), { model: `model-${d.other}`, input_tokens: 100 * d.thing }),
    d => uses(who(d), { input_tokens: pick(amounts, d.thing), output_tokens: d.other }),
    d => uses(who(d), { model: pick(['x'.repeat(300), 7, null], d.to), rate_limited: d.text }),
    d => turns(who(d), d.text),
    d => bounds(who(d), limit(d)),
    d => boundsCircle(pick(people, d.to).circle, limit(d)),
    d => disconnects(who(d)),
    d => givesUp(who(d)),
    d => givesUp(pick(people, d.other)),
    d => describes(who(d), d.text, T0 + 900 * d.other),
  ];
}
