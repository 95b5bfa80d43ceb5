// What the bench may be told, and what it refuses.
import t from 'tap';
import { readOptions } from '../../bench/options.js';

t.test('without options everything is run, on disk, at full length', async t => {
  t.same(readOptions([]), {
    isQuick: false,
    chosen: ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'P10', 'P11'],
    durability: 'fsync',
    profileDir: undefined,
  });
});

t.test('some scenarios may be run alone, in either case', async t => {
  t.match(readOptions(['p4', 'P3', '--quick']), { isQuick: true, chosen: ['P4', 'P3'] });
  t.match(readOptions(['--quick', '--only', 'p1']), { isQuick: true, chosen: ['P1'] });
});

t.test('what it does not know it refuses by name', async t => {
  t.throws(() => readOptions(['--only', 'P0']), /P1, P2/);
  t.throws(() => readOptions(['P0']), /P1, P2/);
  t.throws(() => readOptions(['--durability', 'hope']), /fsync or os/);
  t.throws(() => readOptions(['--fast']));
});
