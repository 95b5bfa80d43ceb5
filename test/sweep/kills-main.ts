// Kill -9 at many random moments of a start, as a program: KILLS of them, 100 unless said.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chanceFrom } from '../dsl/chance.js';
import { killStarts } from './kills.js';

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
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await rm(root, { recursive: true, force: true });
}
