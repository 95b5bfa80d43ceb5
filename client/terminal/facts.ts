// One thing as people read it in full: a label and what there is to say of it, line by line.
import { padTo, widthOf } from './width.js';

export type FactLine = readonly [label: string, said: string | undefined];

/** One line for each fact that is known, their beginnings aligned. */
export function factLines(facts: readonly FactLine[]): string[] {
  const known = facts.filter(([, said]) => said !== undefined && said !== '');
  const room = Math.max(0, ...known.map(([label]) => widthOf(label))) + 2;
  return known.map(([label, said]) => `${padTo(label, room)}${said}`);
}
