// Random questions, deadlines and fan-outs, some of them as no broker makes them.
import type { EventOf } from '../../schemas/event.js';
import { askNo, asks, closes, type Draft, type Person, T0 } from './events.js';
import { askOf, choice, closesOf, fansOut, lapses, permission } from './events-asks.js';

interface Dice {
  who: number;
  to: number;
  thing: number;
  other: number;
  text: string;
}

type Opening = Partial<EventOf<'ask.opened'>>;

const questions = [
  choice,
  permission,
  { kind: 'text' },
  { kind: 'acknowledge', more: { of: 'it' } },
  { ...permission, options: choice.options },
  { kind: 'choice', options: 'yes' },
  { kind: 'choice', options: [null, 7] },
  { kind: 'constructor' },
];
const attachments = [
  [{ name: 'a', url: 'https://a.example' }],
  [{ name: 'b', text: 'b', size: 1, more: [] }],
  [{ name: 'c', path: 7 }],
  [],
];
const deadlines = [T0 + 5_000, T0 + 1, 0, -1, 0.5, Number.MAX_VALUE];
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;

/** Asks that are there from the beginning, each with a deadline. */
export function firstAsks(sayer: (n: number) => Person, hearer: (n: number) => Person): Draft[] {
  return [3, 4, 8]
    .map(n => asks(n, sayer(n), hearer(n), 'soon?', { deadline_at: T0 + 900 * n }))
    .map(({ id: _, ...draft }) => draft);
}

/** What people who say and hear thing n make of it. */
export function askDrafts(
  people: readonly Person[],
  sayer: (n: number) => Person,
  hearer: (n: number) => Person,
): ((dice: Dice) => Draft)[] {
  const open = (d: Dice, more: Opening) =>
    asks(d.thing, sayer(d.thing), hearer(d.thing), d.text, more);
  const crowd = (d: Dice) => people.filter(one => one !== sayer(d.thing)).slice(d.to % 3);
  return [
    d => open(d, { question: pick(questions, d.other), deadline_at: pick(deadlines, d.to) }),
    d => open(d, { deadline_at: T0 + 900 * d.other, attachments: pick(attachments, d.to) }),
    d => closes(hearer(d.other), d.other, 'replied', { option: pick(['y', 'x'], d.to) }),
    d => lapses(askNo(d.other)),
    d => lapses(askOf(d.other, 1 + (d.to % 5))),
    d => fansOut(d.thing, sayer(d.thing), crowd(d), { deadline_at: T0 + 900 * d.other }),
    d => fansOut(d.thing, sayer(d.thing), [...people], { quorum: d.other }),
    d => closesOf(pick(people, d.who), askOf(d.other, 1 + (d.to % 4)), 'replied'),
  ];
}
