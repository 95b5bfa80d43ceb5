// Leases for the random histories: what any broker might write of them, and what none would.
import type { Dice } from './dice.js';
import type { Draft, Person } from './events.js';
import { lapses, releasesFiles, releasesLease, sharesFiles, takesFiles } from './events-leases.js';

/** Few files, most of them in each other's way. */
const files = ['.', 'docs', 'docs/a.md', 'docs/b.md', 'docs/b.md/c', 'src', 'srcs', 'src/a.ts'];
const hostile = ['', '..', '/etc', 'a//b', 'a\\b', './a', 'x/'.repeat(80)];

const pathsOf = ({ other, to }: Dice): string[] =>
  [...new Set([files[other % files.length]!, files[to % files.length]!])].sort();
/** Some are over within the histories, where most pauses are of seconds. */
const ttl = ({ id }: Dice) => ({ ttl_s: id % 3 ? 10 : 600 });

/** The leases of the opening, of everybody one, are numbered from here; a later one has any id. */
const FIRST = 300;

/** Everybody holds a file from the start. */
export function firstLeases(people: readonly Person[]): Draft[] {
  return people.map((who, n) => takesFiles(FIRST + n, who, [`first/${n}`], { ttl_s: 10 + n }));
}

export function leaseDrafts(people: readonly Person[]): ((dice: Dice) => Draft)[] {
  const who = (n: number) => people[n % people.length]!;
  const takes = (d: Dice) => takesFiles(d.thing, who(d.who), pathsOf(d), ttl(d));
  const shares = (d: Dice) => sharesFiles(d.thing, who(d.who), pathsOf(d), ttl(d));
  return [
    takes,
    takes,
    takes,
    shares,
    shares,
    d => sharesFiles(d.thing, who(d.who), pathsOf(d), { circle: 'default', note: d.text }),
    d => takesFiles(d.thing, who(d.who), [hostile[d.other % hostile.length]!]),
    d => takesFiles(d.thing, who(d.who), ['b', 'a'], { ttl_s: d.other - 1 }),
    d => releasesLease(who(d.who), FIRST + d.other),
    d => releasesLease(who(d.other), FIRST + (d.other % people.length)),
    d => releasesFiles(who(d.who), pathsOf(d)),
    d => releasesFiles(who(d.who), [files[d.other % files.length]!]),
    d => ({ ...releasesLease(who(d.who), FIRST), paths: ['docs'] }) as Draft,
    d => lapses(FIRST + d.thing, who(d.who)),
    d => lapses(FIRST + (d.thing % people.length), who(d.thing)),
    d => lapses(FIRST + (d.thing % people.length), who(d.thing), 'away'),
  ];
}
