// Helpers for tests that start processes, hear their first line and see them end.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { processFacts } from '../../broker/system/process-facts.js';
import { until } from './until.js';

/** Starts a test script and returns the first line it says. */
export async function runScript(
  t: Test,
  script: URL,
  ...args: string[]
): Promise<{ child: ChildProcess; line: string }> {
  const path = fileURLToPath(script);
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, line };
}

/** Returns when no process bears `pid`. */
export async function processGone(pid: number): Promise<void> {
  await until(async () => (await processFacts(pid)) === undefined, { what: `the end of ${pid}` });
}

/** Hears lines, and lets a test await one that matches. */
export class Hearing {
  readonly lines: string[] = [];
  #awaited: { pattern: RegExp; resolve: (line: string) => void }[] = [];

  readonly hear = (line: string): void => {
    this.lines.push(line);
    for (const { pattern, resolve } of this.#awaited) if (pattern.test(line)) resolve(line);
  };

  /** The first matching line, heard already or yet to come. */
  line(pattern: RegExp): Promise<string> {
    const heard = this.lines.find(line => pattern.test(line));
    if (heard !== undefined) return Promise.resolve(heard);
    return new Promise(resolve => this.#awaited.push({ pattern, resolve }));
  }
}
