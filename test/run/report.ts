// What the runner of the tests says: a line a file, all that failed, and the count at the end.
import type { FileResult } from './file.js';
import { type Busy, busyShare } from './pace.js';

/** Titles too: every test of the file by its name. */
export function fileLines(result: FileResult, isFull: boolean): string[] {
  const { file, seconds, passed, failed, skipReason, tests, faults, said, complaints } = result;
  const mark = failed > 0 ? 'FAILED' : skipReason === undefined ? 'ok    ' : 'skip  ';
  const count = failed > 0 ? `${passed} passed, ${failed} failed` : (skipReason ?? `${passed}`);
  const head = `${mark} ${seconds.toFixed(1).padStart(6)} s  ${file}  ${count}`;
  if (failed > 0) return [head, ...faults.map(fault => `  ${fault}`), ...tellingLines(said)];
  const titles = isFull ? tests.map(({ title }) => `         ${title}`) : [];
  return [head, ...titles, ...linesOf(complaints)];
}

/** Everything but the assertions that hold. */
function tellingLines(said: string): string[] {
  return linesOf(said)
    .filter(line => !/^ *(ok \d|1\.\.\d+$|# Subtest|TAP version)/.test(line))
    .map(line => `  ${line}`);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter(line => line.trim() !== '');
}

export interface Total {
  passed: number;
  failed: number;
}

export function totalOf(results: readonly FileResult[]): Total {
  const sum = (of: (result: FileResult) => number) => results.reduce((n, one) => n + of(one), 0);
  return { passed: sum(({ passed }) => passed), failed: sum(({ failed }) => failed) };
}

/** What is said between the last file and the count. */
export function summary(results: readonly FileResult[], since: Busy, now: Busy): string[] {
  const seconds = (now.at_ms - since.at_ms) / 1_000;
  const busy = Math.round((100 * busyShare(since, now)) / now.processors);
  const tests = results.reduce((n, { tests }) => n + tests.length, 0);
  const failed = results.filter(({ failed }) => failed > 0);
  const skipped = results.filter(({ skipReason }) => skipReason !== undefined);
  const single = results.reduce((n, { skipped }) => n + skipped, 0);
  return [
    `${results.length} files, ${tests} tests, ${seconds.toFixed(0)} s, processors ${busy} % busy`,
    ...skipped.map(({ file, skipReason }) => `not run: ${file}: ${skipReason}`),
    ...(single > 0 ? [`${single} assertions were skipped`] : []),
    ...failed.flatMap(({ file, tests, faults }) => [
      ...tests.filter(({ isOk }) => !isOk).map(({ title }) => `failed: ${file}: ${title}`),
      ...faults.map(fault => `failed: ${file}: ${fault}`),
    ]),
  ];
}
