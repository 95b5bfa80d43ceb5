// Marks and voids: found by sequence, by time and by position, at and between what is kept.
import fc from 'fast-check';
import t from 'tap';
import { Marks, Voids, ZERO_DIGEST } from '../../broker/core/commits/marks.js';
import { limits } from '../../schemas/limits.js';
import { runs } from '../dsl/histories.js';

const every = limits.mark_every_commits;

function marked(commits: number): Marks {
  const marks = new Marks();
  for (let sequence = 1; sequence <= commits; sequence++) {
    marks.note({ sequence, time: 10 * sequence, digest: Uint8Array.of(sequence & 0xff) });
  }
  return marks;
}

t.test('the newest mark at or before a sequence is found', async t => {
  const marks = marked(3 * every + 5);
  for (const [sequence, found] of [
    [0, 0],
    [every - 1, 0],
    [every, every],
    [3 * every - 1, 2 * every],
    [9 * every, 3 * every],
  ] as const) {
    t.equal(marks.before(sequence).sequence, found);
  }
});

t.test('the newest mark before a time is found, and the start is before every time', async t => {
  const marks = marked(2 * every);
  t.equal(marks.beforeTime(10 * every).sequence, 0);
  t.equal(marks.beforeTime(10 * every + 1).sequence, every);
  t.same(marks.beforeTime(0), { sequence: 0, time: 0, digest: ZERO_DIGEST });
});

t.test('a void’s reason is found at its position alone', async () => {
  const law = fc.property(fc.uniqueArray(fc.nat(500)), fc.nat(500), (list, position) => {
    const voids = new Voids();
    const known = list.sort((a, b) => a - b);
    for (const one of known) voids.note(one, `reason ${one}`);
    return voids.reason(position) === (known.includes(position) ? `reason ${position}` : undefined);
  });
  fc.assert(law, runs(300));
});
