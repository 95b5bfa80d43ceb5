// Runs one test file in a process of its own, until it ends or is silent for too long.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { belongingTo } from './guarded.js';
import { endMarked, leftAfter, type Marked } from './marked.js';
import { Tally } from './tally.js';

export interface FileResult {
  file: string;
  seconds: number;
  passed: number;
  failed: number;
  skipped: number;
  skipReason: string | undefined;
  tests: readonly { title: string; isOk: boolean }[];
  /** What went wrong with the file as a whole, beside its tests. */
  faults: readonly string[];
  /** All that it said, on both streams. */
  said: string;
  complaints: string;
}

export interface Patience {
  /** How long a file may say nothing; how long it may last at all, whatever it says. */
  silence_s: number;
  whole_s: number;
  /** How long what a file started may take to end after it. */
  grace_s: number;
}

/** After the polite signal, which lets a test say what it was waiting for. */
const LAST_WORDS_MS = 5_000;

/** Settings of the one who runs the tests that must not decide how they end. */
const FOREIGN = /^(SIGNALBOX_(?!NATS_SERVER$)|GH_|GITHUB_|GIT_|TAP)/;

/** Runs the file; all that it starts belongs to `dir`, which is gone afterwards. */
export async function runFile(
  file: string,
  script: string,
  dir: string,
  patience: Patience,
): Promise<FileResult> {
  mkdirSync(dir);
  const tally = new Tally();
  const since = performance.now();
  const child = start(script, dir);
  const heard = { said: '', complaints: '', ticks: 0 };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    heard.ticks = 0;
    heard.said += text;
    tally.hear(text);
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    heard.ticks = 0;
    heard.said += text;
    heard.complaints += text;
  });
  const closed = once(child, 'close');
  const stopWatch = watch(child, heard, patience);
  const [code, signal] = await once(child, 'exit');
  const impatience = stopWatch();
  const left = await sweep(dir, code === null ? 0 : patience.grace_s * 1_000);
  await closed;
  tally.end();
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  const faults = [
    ...(impatience ? [impatience] : []),
    ...faultsOf(tally, code, signal),
    ...(code === null ? [] : left.map(({ pid, command }) => `left behind: ${pid} ${command}`)),
  ];
  const { passed, skipped, tests, skipReason } = tally;
  const failed = Math.max(tally.failed, faults.length > 0 ? 1 : 0);
  const seconds = (performance.now() - since) / 1_000;
  const { said, complaints } = heard;
  return { file, seconds, passed, failed, skipped, skipReason, tests, faults, said, complaints };
}

function start(script: string, dir: string): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  // Its own clock would count from the start, however much it says and however slow the machine.
  const env = { ...Object.fromEntries(inherited), TAP_TIMEOUT: '0', ...belongingTo(dir) };
  const flags = ['--enable-source-maps', '--disable-warning=ExperimentalWarning'];
  // A group of its own: a Ctrl-C is for the runner, which ends every file and what it started.
  return spawn(process.execPath, [...flags, script], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/**
 * Seconds are counted by ticks of this process, so that neither a machine that slept nor one that
 * had no time for anybody is held against the file. Returns what stops it and says why it acted.
 */
function watch(
  child: ChildProcess,
  heard: { ticks: number },
  { silence_s, whole_s }: Patience,
): () => string | undefined {
  let reason: string | undefined;
  let whole = 0;
  const timer = setInterval(() => {
    heard.ticks += 1;
    whole += 1;
    if (reason !== undefined) return;
    if (heard.ticks >= silence_s) reason = `it hung: it said nothing for ${silence_s} s`;
    else if (whole >= whole_s) reason = `it went on for ${whole_s} s`;
    if (reason === undefined) return;
    child.kill('SIGALRM');
    pause(LAST_WORDS_MS, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
  }, 1_000);
  return () => {
    clearInterval(timer);
    return reason;
  };
}

/** Ends whatever the file left; which is that, after the grace. */
async function sweep(dir: string, graceMs: number): Promise<Marked[]> {
  const left = await leftAfter(dir, graceMs);
  await endMarked(dir);
  return left;
}

function faultsOf(tally: Tally, code: number | null, signal: string | null): string[] {
  if (signal !== null) return [`it was ended by ${signal}`];
  if (code !== 0 && tally.failed === 0) return [`it ended with status ${code}`];
  if (!tally.isWhole) return ['it ended before it said how many tests it has'];
  const isEmpty = tally.tests.length === 0 && tally.skipReason === undefined;
  return isEmpty ? ['it tested nothing'] : [];
}
