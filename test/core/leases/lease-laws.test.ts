// Laws of the leases: the index finds what a naive search finds, and nobody holds what another has.
import fc from 'fast-check';
import t from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import { endOf, type LeaseState } from '../../../broker/core/rows/leases.js';
import { PathIndex } from '../../../broker/core/rows/path-index.js';
import type { Table } from '../../../broker/core/rows/table.js';
import { canonicalPath, canonicalPaths, isCanonicalPath } from '../../../schemas/lease-path.js';
import * as p from '../../dsl/events.js';
import { api, type Draft, db, joins, joinsAway, type Person, web } from '../../dsl/events.js';
import { lapses, releasesFiles, releasesLease, takesFiles } from '../../dsl/events-leases.js';
import { history, runs } from '../../dsl/histories.js';
import { Mesh } from '../../dsl/test-log.js';

const covers = (above: string, path: string) =>
  above === '.' || above === path || path.startsWith(`${above}/`);
const overlap = (a: string, b: string) => covers(a, b) || covers(b, a);

/** Names that sort before and after the slash, so that folders and files beside them mingle. */
const step = fc.constantFrom('a', 'b', 'a-', 'a.', 'a0', 'ab', '!', '\u{1f682}');
const path = fc
  .array(step, { maxLength: 4 })
  .map(steps => (steps.length > 0 ? steps.join('/') : '.'));

t.test('the index finds what overlaps, as looking at every path does', async t => {
  const change = fc.record({ path, peer: fc.constantFrom('x', 'y'), isGone: fc.boolean() });
  const law = fc.property(fc.array(change, { maxLength: 40 }), path, (changes, asked) => {
    const index = new PathIndex();
    const naive = new Map<string, string>();
    for (const { path, peer, isGone } of changes) {
      if (isGone) index.delete(path, peer);
      else index.put({ path, peer, lease: 'l' });
      if (isGone) naive.delete(`${peer} ${path}`);
      else naive.set(`${peer} ${path}`, path);
    }
    const found = (holds: Iterable<{ path: string; peer: string }>) =>
      [...holds].map(hold => `${hold.peer} ${hold.path}`).sort();
    const wanted = (fits: (path: string) => boolean) =>
      [...naive].flatMap(([key, path]) => (fits(path) ? [key] : [])).sort();
    t.same(
      found(index.overlapping(asked)),
      wanted(each => overlap(each, asked)),
    );
    t.same(
      found(index.within(asked)),
      wanted(each => covers(asked, each)),
    );
    return index.isEmpty === (naive.size === 0);
  });
  fc.assert(law, runs(100));
});

t.test('a path has one canonical form, which names the same file', async () => {
  const typed = fc.oneof(path, fc.string({ maxLength: 12 }), fc.string({ unit: 'binary' }));
  const law = fc.property(fc.array(typed, { minLength: 1, maxLength: 6 }), texts => {
    for (const text of texts) {
      const canonical = canonicalPath(text);
      if (typeof canonical !== 'string') continue;
      if (!isCanonicalPath(canonical) || canonicalPath(canonical) !== canonical) return false;
      if (canonicalPath(`./${text}//`) !== canonical) return false;
    }
    const all = canonicalPaths(texts);
    return 'fault' in all || all.every(one => !all.some(two => one !== two && covers(one, two)));
  });
  fc.assert(law, runs(60));
});

/** Live leases of one project and circle, of two peers, that lie in each other's way. */
function clashes({ leases, time }: Table): string[] {
  const live = [...leases.rows.values()].filter(row => endOf(row) > time);
  const isRival = (a: LeaseState, b: LeaseState) =>
    a.by !== b.by &&
    a.circle === b.circle &&
    a.project === b.project &&
    (a.mode === 'exclusive' || b.mode === 'exclusive') &&
    a.paths.some(one => b.paths.some(two => overlap(one, two)));
  return live.flatMap((a, i) =>
    live.slice(i + 1).flatMap(b => (isRival(a, b) ? [`${a.lease} and ${b.lease}`] : [])),
  );
}

/** Leases whose holder is gone for good. */
function orphans({ leases, peers }: Table): string[] {
  const isGone = (peer: string) => peers.rows.get(peer)?.retired !== undefined;
  return [...leases.rows.values()].filter(({ by }) => isGone(by)).map(({ lease }) => lease);
}

const people = [web, api, db];
const files = ['.', 'a', 'a/b', 'a/b/c', 'a-', 'b'];

interface Move {
  kind: number;
  who: Person;
  n: number;
  paths: string[];
  pause: number;
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.nat(9),
  who: fc.constantFrom(...people),
  n: fc.nat(19),
  paths: fc
    .uniqueArray(fc.constantFrom(...files), { minLength: 1, maxLength: 2 })
    .map(all => all.sort()),
  pause: fc.constantFrom(0, 0, 1_000, 30_000, 700_000),
});

function draftOf({ kind, who, n, paths }: Move, at: number): Draft {
  if (kind < 4) return takesFiles(100 + at, who, paths, { ttl_s: 60 });
  if (kind < 6) return takesFiles(100 + at, who, paths, { mode: 'shared', ttl_s: 7_200 });
  if (kind === 6) return releasesFiles(who, paths);
  if (kind === 7) return n % 2 ? releasesLease(who, 100 + n) : lapses(100 + n, who, 'away');
  if (kind === 8) return n % 2 ? p.disconnects(who) : p.connects(who);
  return n % 3 ? lapses(100 + n, who) : n % 2 ? p.leaves(who) : p.kills(who);
}

function law(holds: (mesh: Mesh) => boolean) {
  return fc.property(fc.array(move, { maxLength: 30, size: 'max' }), moves => {
    const mesh = new Mesh();
    mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), joins(web), joins(api), joinsAway(db));
    return moves.every((each, at) => {
      mesh.now += each.pause;
      mesh.one(draftOf(each, at));
      return holds(mesh);
    });
  });
}

t.test('26: no two live leases of two peers overlap, unless both are shared', async () => {
  fc.assert(
    law(({ table }) => clashes(table).length === 0),
    runs(60),
  );
});

t.test('27: a lease of a holder that is gone has ended, on every history', async () => {
  fc.assert(
    law(({ table }) => orphans(table).length === 0),
    runs(40),
  );
  const any = fc.property(history, log => {
    const fold = new Fold();
    return log.every(delivery => {
      fold.commit(delivery);
      return orphans(fold.table).length === 0 && clashes(fold.table).length === 0;
    });
  });
  fc.assert(any, runs(15));
});

t.test('what is over is due, and nothing else is', async () => {
  const dueLaw = law(({ table, now }) => {
    const over = [...table.leases.rows.values()].filter(row => endOf(row) <= now);
    const due = table.leases.ends.due(now, 1_000);
    return over.length === due.length && over.every(({ lease }) => due.includes(lease));
  });
  fc.assert(dueLaw, runs(20));
});
