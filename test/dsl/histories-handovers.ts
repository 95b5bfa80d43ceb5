// Handovers for the random histories: planned, forced, of who is away, and such as must be void.
import type { Dice } from './dice.js';
import { connects, type Draft, disconnects, type Person } from './events.js';
import { handsOver, takesOver } from './events-handovers.js';

export function handoverDrafts(people: readonly Person[]): ((dice: Dice) => Draft)[] {
  const pick = (n: number) => people[n % people.length]!;
  const leads = people.filter(({ role }) => role === 'orchestrator');
  const persons = people.filter(({ role }) => role === 'human');
  const lead = (n: number) => leads[n % leads.length]!;
  const forced = (d: Dice) => ({ force: true, things: d.other % 2 ? [d.text] : [] });
  return [
    d => disconnects(lead(d.who), `boot_${'abc'[d.other % 3]}`),
    d => disconnects(lead(d.who), 'boot_a'),
    d => takesOver(lead(d.to), lead(d.to + 1)),
    d => takesOver(lead(d.to), lead(d.to + 1), { note: d.text }),
    d => handsOver(lead(d.who), lead(d.who), lead(d.who + 1)),
    d => handsOver(lead(d.who), lead(d.who), persons[0]!),
    d => handsOver(persons[0]!, lead(d.to), lead(d.to + 1), forced(d)),
    d => takesOver(persons[0]!, lead(d.to), forced(d)),
    d => handsOver(pick(d.who), pick(d.to), pick(d.other), d.thing % 2 ? forced(d) : {}),
    d => connects(lead(d.to), 'boot_a'),
  ];
}
