// A sample of the sweep: damages drawn by chance, each ready and whole or refused by name.
import { join } from 'node:path';
import { test } from 'tap';
import { chanceFrom, seedOf, shuffled } from '../dsl/chance.js';
import { tempDir } from '../dsl/nats.js';
import { makeBase } from './base.js';
import { damagesOf } from './damages.js';
import { judge } from './judge.js';
import { killStarts } from './kills.js';
import { killSaves } from './save-kills.js';

const SAMPLE = 16;
const KILLS = 6;
const SAVE_KILLS = 2;
const SIZES = { texts: 60, chars: 40, natsBinary: process.env.SIGNALBOX_NATS_SERVER };

for (const end of ['stopped', 'killed'] as const) {
  test(`every damage after the broker was ${end} ends in a whole log or a refusal`, async t => {
    const chance = chanceFrom(seedOf(t));
    const root = await tempDir(t);
    const base = await makeBase(root, end, SIZES);
    const damages = await damagesOf(base, chance, 2);
    const sample = shuffled(damages, chance).slice(0, SAMPLE);
    const ends = new Map<string, number>();
    for (const damage of sample) {
      const verdict = await judge(base, damage, join(root, 'work'), SIZES.natsBinary);
      t.same(verdict.faults, [], `${damage.name}: ${verdict.end}`);
      ends.set(verdict.end, (ends.get(verdict.end) ?? 0) + 1);
    }
    const told = [...ends].map(([name, count]) => `${count} ${name}`).join(', ');
    t.comment(`${sample.length} of ${damages.length} damages: ${told}`);
  });
}

test('a start that is killed at any moment is followed by one that is ready and whole', async t => {
  const root = await tempDir(t);
  const { natsBinary } = SIZES;
  const kills = await killStarts(join(root, 'data'), KILLS, chanceFrom(seedOf(t)), natsBinary);
  t.same(kills.faults, []);
  t.comment(`${kills.early} killed before they were ready, ${kills.late} after`);
});

test('10: killed while it writes what a start goes on from, the next one is a replay', async t => {
  const kills = await killSaves(await tempDir(t), SAVE_KILLS, chanceFrom(seedOf(t)));
  t.same(kills.faults, []);
  t.comment(`${kills.halfWritten} half written, ${kills.restored} went on from a snapshot`);
});
