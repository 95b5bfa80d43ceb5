// Boards for the random histories: few items that many move and link, in good words and bad.
import type { Dice } from './dice.js';
import { anyWord, type Draft, type Person } from './events.js';
import { links, moves } from './events-boards.js';

const columns = ['Todo', 'In Progress', 'Done', 'Done', 'two\nlines', ''];

export function boardDrafts(people: readonly Person[]): ((dice: Dice) => Draft)[] {
  const who = ({ who: n }: Dice) => people[n % people.length]!;
  const one = ({ thing }: Dice) => thing % 3;
  const column = ({ to }: Dice) => columns[to % columns.length]!;
  const ref = ({ other }: Dice) => `job_${other % 4}`;
  return [
    d => moves(who(d), one(d), column(d)),
    d => moves(who(d), one(d), column(d), { from: columns[d.other % 3]!, ref: ref(d) }),
    d => moves(who(d), one(d), 'Done', { title: d.text.slice(0, 9), url: 'https://example.com/1' }),
    d => moves(who(d), one(d), 'Todo', { status: anyWord(d.other % 3 ? 'todo' : 'constructor') }),
    d => links(who(d), one(d), ref(d)),
    d => links(who(d), one(d), ref(d), { remove: d.other % 2 === 0 }),
    d => links(who(d), one(d), '', { title: d.text }),
  ];
}
