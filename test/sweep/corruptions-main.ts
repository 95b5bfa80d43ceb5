// Every byte of an export of 1,000 commits is changed, and each change is found. A long run.
//
// A line that `unsealLine` refuses is refused by the verifier, whatever else is in it: that is the
// first thing it does with a line, and the sum before it hangs on the lines before alone. So each
// change costs the reading of one line; that the whole verifier says the same is seen at some
// places of each tenth line.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { FIRST_SUM, unsealLine } from '../../broker/core/audit/export-lines.js';
import { passingSigner } from '../../broker/disk/signing-key.js';
import { exported, someLog, verified } from '../dsl/exports.js';

const NEWLINE = 10;
const WHOLE_EVERY_LINES = 10;

interface Share {
  bytes: Uint8Array;
  /** The sum before each line. */
  sums: Uint8Array[];
  key: string;
  /** Of each byte every other value, and not only those of one flipped bit, and a line break. */
  isEveryValue: boolean;
  of: number;
  nth: number;
}

interface Found {
  tried: number;
  whole: number;
  missed: number;
}

function changesOf(old: number, isEvery: boolean): number[] {
  const flips = Array.from({ length: 8 }, (_, bit) => old ^ (1 << bit));
  const values = isEvery ? [...Array(256).keys()] : [...flips, NEWLINE];
  return values.filter((value, n) => value !== old && values.indexOf(value) === n);
}

function tryLines({ sums, key, isEveryValue, of, nth, ...share }: Share): Found {
  const bytes = Buffer.from(share.bytes);
  const found = { tried: 0, whole: 0, missed: 0 };
  for (let n = 0, at = 0; n < sums.length; n++) {
    const end = bytes.indexOf(NEWLINE, at);
    if (n % of === nth) {
      tryLine(bytes.subarray(at, end), sums[n]!, isEveryValue, found);
      tryItsEnd(bytes, at, end, sums[n]!, isEveryValue, found);
    }
    if (n % WHOLE_EVERY_LINES === 0 && (n / WHOLE_EVERY_LINES) % of === nth) {
      for (const place of [at, (at + end) >> 1, end]) {
        const changed = Buffer.from(bytes);
        changed[place] = changed[place]! ^ 1;
        found.whole++;
        if (verified(changed, [key]).bad_line !== n + 1) found.missed++;
      }
    }
    at = end + 1;
  }
  return found;
}

function tryLine(original: Buffer, sum: Uint8Array, isEvery: boolean, found: Found): void {
  const line = Buffer.from(original);
  for (const [n, old] of original.entries()) {
    for (const value of changesOf(old, isEvery)) {
      line[n] = value;
      // A line break in it makes two lines of which the first is no line.
      const seen = value === NEWLINE ? line.subarray(0, n) : line;
      found.tried++;
      if (unsealLine(sum, seen) !== undefined) found.missed++;
    }
    line[n] = old;
  }
}

/** Without its end, a line goes on into the next. */
function tryItsEnd(
  bytes: Buffer,
  at: number,
  end: number,
  sum: Uint8Array,
  isEvery: boolean,
  found: Found,
): void {
  const next = bytes.indexOf(NEWLINE, end + 1);
  const run = Buffer.from(bytes.subarray(at, next < 0 ? bytes.length : next));
  for (const value of changesOf(NEWLINE, isEvery)) {
    run[end - at] = value;
    found.tried++;
    if (unsealLine(sum, run) !== undefined) found.missed++;
  }
}

function sumsOf(bytes: Buffer): Uint8Array[] {
  const sums = [FIRST_SUM];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    const line = unsealLine(sums.at(-1)!, bytes.subarray(at, end));
    if (line === undefined) throw new Error('the export itself does not verify');
    sums.push(line.sum);
    at = end + 1;
  }
  return sums.slice(0, -1);
}

async function main(): Promise<void> {
  const signer = passingSigner();
  const bytes = await exported(someLog(1_000, signer), signer);
  const { ok, reason } = verified(bytes, [signer.key]);
  if (!ok) throw new Error(reason);
  const of = availableParallelism();
  const isEveryValue = process.argv[2] === 'all';
  const share = { bytes, sums: sumsOf(bytes), key: signer.key, isEveryValue, of };
  const all: Found = { tried: 0, whole: 0, missed: 0 };
  const workers = Array.from({ length: of }, (_, nth) => {
    return new Promise<void>((resolve, reject) => {
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { ...share, nth } });
      worker.once('error', reject).once('message', (found: Found) => {
        for (const name of ['tried', 'whole', 'missed'] as const) all[name] += found[name];
        resolve();
      });
    });
  });
  await Promise.all(workers);
  const { tried, whole, missed } = all;
  process.stdout.write(
    `${tried} changes of one byte in ${bytes.length}, ${whole} more by the whole verifier: ` +
      `${missed} not found\n`,
  );
  if (missed > 0) process.exitCode = 1;
}

if (isMainThread) await main();
else parentPort?.postMessage(tryLines(workerData as Share));
