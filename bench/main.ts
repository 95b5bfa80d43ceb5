// Runs the scenarios beside their floors, and writes the results page.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitOf, fsyncMs, machine, programIn } from './facts.js';
import { type Options, readOptions, type Scenario, usage } from './options.js';
import { chartFile, chartOf } from './report/chart.js';
import { pageOf, type Results } from './report/page.js';
import { runP1 } from './scenarios/p1.js';
import { runP2 } from './scenarios/p2.js';
import { runP3 } from './scenarios/p3.js';
import { runP4 } from './scenarios/p4.js';
import { runP5 } from './scenarios/p5.js';
import { runP6 } from './scenarios/p6.js';
import { runP7 } from './scenarios/p7.js';
import { runP8 } from './scenarios/p8.js';
import { runP9 } from './scenarios/p9.js';
import { runP10 } from './scenarios/p10.js';
import { runP11 } from './scenarios/p11.js';
import type { Bench } from './stand.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = `${root}bench`;
/** On the disk of the project: a temporary directory may be memory, where fsync costs nothing. */
const dir = `${root}build/bench-data`;

const scenarios: Record<Scenario, (bench: Bench, isQuick: boolean) => Promise<Results>> = {
  P1: runP1,
  P2: runP2,
  P3: runP3,
  P4: runP4,
  P5: runP5,
  P6: runP6,
  P7: runP7,
  P8: runP8,
  P9: runP9,
  P10: runP10,
  P11: runP11,
};

async function main({ isQuick, chosen, durability, profileDir }: Options): Promise<boolean> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const fsync_ms = await fsyncMs(dir);
  const natsBinary = process.env.SIGNALBOX_NATS_SERVER;
  const centrifugo = process.env.CENTRIFUGO ?? (await programIn(process.env.PATH, 'centrifugo'));
  const results: Results[] = [];
  try {
    const bench = { dir, natsBinary, centrifugo, durability, profileDir };
    for (const scenario of chosen) {
      process.stderr.write(`${scenario} …`);
      const began = performance.now();
      results.push(await scenarios[scenario](bench, isQuick));
      process.stderr.write(` ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const commit = await commitOf(root);
  const date = new Date().toISOString().slice(0, 10);
  const run = { commit, node: process.versions.node, machine: machine(), fsync_ms, isQuick, date };
  const text = pageOf(run, results);
  process.stdout.write(text);
  const isWhole = chosen.length === Object.keys(scenarios).length && durability === 'fsync';
  if (isWhole && profileDir === undefined) await write(text, results);
  return results.every(({ faults }) => Object.values(faults).every(count => count === 0));
}

/** The page, and a chart for each scenario. */
async function write(text: string, results: readonly Results[]): Promise<void> {
  await writeFile(join(pages, 'results.md'), text);
  await mkdir(join(pages, 'charts'), { recursive: true });
  for (const { chart } of results) await writeFile(join(pages, chartFile(chart)), chartOf(chart));
}

function optionsOrExit(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`);
    process.exit(2);
  }
}

const isSound = await main(optionsOrExit());
if (!isSound) {
  process.stderr.write('events were lost, doubled, reordered or refused: see above\n');
  process.exitCode = 1;
}
