// Runs the test files, a few at a time, and leaves nothing behind: `npm test [-- WORD …]`.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type FileResult, runFile } from './file.js';
import { guardedDir } from './guarded.js';
import { endMarked, leftAfter } from './marked.js';
import { busyOfMachine, inParallel, type Pace, usualPace } from './pace.js';
import { fileLines, summary, totalOf } from './report.js';

const compiled = fileURLToPath(new URL('../', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Where the compiled tests are. */
    tests: { type: 'string', default: compiled },
    /** So many at once, rather than as many as keep the processors busy. */
    jobs: { type: 'string' },
    /** On a quiet machine no test is silent for a tenth of it. */
    silence: { type: 'string', default: '300' },
    whole: { type: 'string', default: '1800' },
    grace: { type: 'string', default: '20' },
    /** Names each test, not only each file. */
    titles: { type: 'boolean', default: !process.stdout.isTTY },
  },
});
const patience = {
  silence_s: Number(values.silence),
  whole_s: Number(values.whole),
  grace_s: Number(values.grace),
};

const say = (...lines: string[]) => process.stdout.write(lines.map(line => `${line}\n`).join(''));

/** Those that start processes take longest, so they begin first. */
const LONG = ['chaos', '', 'package', 'cli', 'log', 'protocol'];

/** The compiler does not take away what it once made of a file that is gone. */
function isStale(path: string): boolean {
  if (values.tests !== compiled) return false;
  return !existsSync(join(compiled, '../../test', path.replace(/\.js$/, '.ts')));
}

function testFiles(dir: string): string[] {
  const rank = (path: string) => {
    const room = path.includes(sep) ? path.slice(0, path.indexOf(sep)) : '';
    return LONG.includes(room) ? LONG.indexOf(room) : LONG.length;
  };
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.test.js') && !isStale(path))
    .filter(path => positionals.length === 0 || positionals.some(word => path.includes(word)))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const root = realpathSync(values.tests);
const dir = guardedDir();
const since = busyOfMachine();
const results: FileResult[] = [];
const waiting = testFiles(root);
let begun = 0;
let interruptedBy: NodeJS.Signals | undefined;

function next(): Promise<void> | undefined {
  const path = waiting.shift();
  if (path === undefined || interruptedBy !== undefined) return undefined;
  begun += 1;
  return runOne(path, join(dir, String(begun)));
}

async function runOne(path: string, own: string): Promise<void> {
  const result = await runFile(path, join(root, path), own, patience);
  results.push(result);
  say(...fileLines(result, values.titles));
}

/** Whatever a file left was ended with it; this is the proof, and the last word. */
async function conclude(): Promise<number> {
  const left = await leftAfter(dir, patience.grace_s * 1_000);
  await endMarked(dir);
  say('', ...summary(results, since, busyOfMachine()));
  say(...left.map(({ pid, command }) => `left behind by all: ${pid} ${command}`));
  if (interruptedBy !== undefined) say(`interrupted by ${interruptedBy}`);
  const { passed, failed } = totalOf(results);
  const failures = failed + (left.length > 0 || interruptedBy !== undefined ? 1 : 0);
  say(`${passed} passed, ${failures} failed`);
  if (interruptedBy !== undefined) return 128 + constants.signals[interruptedBy];
  return failures > 0 || passed === 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    endMarked(dir);
  });
}

const jobs = Math.max(1, Number(values.jobs));
const pace: Pace = values.jobs === undefined ? usualPace() : { least: jobs, most: jobs };
await inParallel(pace, next);
process.exitCode = await conclude();
