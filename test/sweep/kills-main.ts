// Kill -9 at random moments of a start, and of writing what it goes on from: KILLS of each, or 100.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chanceFrom } from '../dsl/chance.js';
import { killStarts } from './kills.js';
import { killSaves } from './save-kills.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const count = Number(process.env.KILLS ?? 100);
const root = await mkdtemp(join(tmpdir(), 'signalbox-kills-'));
const natsBinary = process.env.SIGNALBOX_NATS_SERVER;
try {
  const { early, late, faults } = await killStarts(
    join(root, 'data'),
    count,
    chanceFrom(seed),
    natsBinary,
  );
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  const told = `${early} killed before they were ready, ${late} after`;
  process.stdout.write(`SEED=${seed}: ${told}; ${faults.length} failed\n`);
  const saves = await killSaves(root, count, chanceFrom(seed));
  for (const fault of saves.faults) process.stdout.write(`${fault}\n`);
  const written = `${saves.halfWritten} of ${count} killed half way through a file`;
  process.stdout.write(`SEED=${seed}: ${written}; ${saves.faults.length} failed\n`);
  process.exitCode = faults.length + saves.faults.length > 0 ? 1 : 0;
} finally {
  await rm(root, { recursive: true, force: true });
}
