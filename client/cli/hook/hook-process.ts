// A hook as a process: whatever goes wrong, it ends in time, with 0 and one line on stderr.
import { fstatSync, readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { termsIn } from '../../runtimes/approvals/terms.js';
import { standing } from '../reach/surroundings.js';
import type { Stdin } from '../text.js';
import { age_ms } from './age.js';
import { runHook } from './run-hook.js';

/** What a hook says that ends undone, so that nobody waits for it. */
export const NOT_IN_TIME = 'not done in time';

/**
 * Runs one hook and ends the process; within `hook_wait_ms` and `hook_follow_ms` of its start, one
 * that asks for a permission within its deadline and what it takes to notice that.
 */
export function runAsProcess(words: readonly string[]): void {
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  const terms = termsIn(words);
  const most_ms =
    terms === undefined
      ? limits.hook_wait_ms + limits.hook_follow_ms
      : (terms.deadline_s + limits.approval_more_s) * 1_000 - limits.hook_wait_ms;
  const left_ms = most_ms - age_ms();
  const late = new Error(`${NOT_IN_TIME}: what waits comes with a later hook`);
  setTimeout(() => end(late), Math.max(1, left_ms));
  const ended = terms === undefined ? undefined : endOfWait();
  const writers = { print: writerTo(1), warn: writerTo(2), ...(ended && { ended }) };
  const { hook_wait_ms: until_ms, hook_follow_ms: follow_ms } = limits;
  const ends = { until_ms, follow_ms, ...writers };
  const run = async () => runHook(words, { ...standing(), stdin: openStdin(), ...ends });
  run().then(code => process.exit(code), end);
}

/** What the host says. `process.stdin` loads streams of files and terminals too. */
function openStdin(): Stdin {
  try {
    const stdin = fstatSync(0);
    if (stdin.isFIFO() || stdin.isSocket()) return new Socket({ fd: 0, writable: false });
    // A file never makes us wait.
    if (stdin.isFile()) return Readable.from([readFileSync(0)]);
  } catch {
    // Closed, or none that is known here.
  }
  return process.stdin;
}

/**
 * Aborted when nobody waits for this hook any more: it is told to end, as when the question was
 * answered where it was asked, or whoever started it is gone, which says nothing.
 */
function endOfWait(): AbortSignal {
  const over = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => over.abort());
  }
  const starter = process.ppid;
  const look = () => {
    if (process.ppid !== starter) over.abort();
  };
  setInterval(look, limits.approval_look_ms).unref();
  return over.signal;
}

function end(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  try {
    writerTo(2)(`signalbox: ${message.replace(/\s+/g, ' ')}`);
  } finally {
    process.exit(0);
  }
}

/** Writes a line whole before it returns: what is in a buffer when a process ends is lost. */
function writerTo(stream: 1 | 2): (text: string) => void {
  return text => {
    const bytes = Buffer.from(`${text}\n`);
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(stream, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    }
  };
}
