// The whole sweep, as a program: every damage to every file, after a clean stop and after kill -9.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chanceFrom } from '../dsl/chance.js';
import { makeBase } from './base.js';
import { damagesOf } from './damages.js';
import { judge } from './judge.js';

const DEPTH = Number(process.env.SWEEP_DEPTH ?? 6);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const natsBinary = process.env.SIGNALBOX_NATS_SERVER;
const only = process.argv[2];
const root = await mkdtemp(join(tmpdir(), 'signalbox-sweep-'));
const say = (line: string) => process.stdout.write(`${line}\n`);
const counts = new Map<string, number>();
let failed = 0;
let slowest = 0;

say(`SEED=${seed} SWEEP_DEPTH=${DEPTH} ${natsBinary ?? 'the usual nats-server'}`);
try {
  const chance = chanceFrom(seed);
  for (const sizes of [
    { texts: 200, chars: 40, files: '', depth: DEPTH },
    // Two blocks and more: here only the files of the store are damaged.
    { texts: 50, chars: 190_000, files: 'store', depth: DEPTH / 3 },
  ]) {
    for (const end of ['stopped', 'killed'] as const) {
      const base = await makeBase(root, end, { ...sizes, natsBinary });
      const all = await damagesOf(base, chance, sizes.depth);
      const wanted = only ?? sizes.files;
      const damages = all.filter(({ name }) => name.includes(wanted));
      say(`${end}, ${base.lines.length} events: ${damages.length} damages`);
      for (const damage of damages) {
        const verdict = await judge(base, damage, join(root, 'work'), natsBinary);
        counts.set(verdict.end, (counts.get(verdict.end) ?? 0) + 1);
        slowest = Math.max(slowest, verdict.ms);
        if (verdict.faults.length > 0 || only !== undefined) {
          say(`${verdict.damage}: ${verdict.end}: ${verdict.faults.join('; ') || 'well'}`);
        }
        if (verdict.faults.length > 0) failed++;
      }
    }
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
const told = [...counts].map(([end, count]) => `${count} ${end}`).join(', ');
say(`${told}; ${failed} failed; slowest start ${Math.round(slowest)} ms`);
process.exit(failed > 0 ? 1 : 0);
