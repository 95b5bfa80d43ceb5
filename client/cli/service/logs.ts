// What a broker without a terminal has said: from the journal of its service, or from its log file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import type { Cli } from '../cli.js';
import { LogFileReader, placeOfLast } from '../up/log-file.js';
import { standingOf } from './file.js';
import { keeperOf, servicePlan } from './plan.js';

/** What may be typed behind logs. */
export interface LogsOptions {
  follow?: boolean;
  lines: number;
}

/** Prints the last lines; with `follow` all that come, until Ctrl-C. */
export async function logs(
  cli: Cli,
  options: LogsOptions,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  const { file, label, keeper, logFile } = servicePlan(cli, keeperOf(platform), {});
  const isJournalled = keeper === 'systemd' && standingOf(file).kind !== 'none';
  if (isJournalled && (await fromJournal(cli, label, options))) return;
  if (!existsSync(logFile)) {
    throw new Failure('unknown', `nothing has been logged: there is no ${logFile}`, {
      hint: 'a broker logs there when it was started with: signalbox up --detach',
    });
  }
  await fromFile(cli, logFile, options);
}

/** False where there is no journalctl. */
async function fromJournal(cli: Cli, label: string, options: LogsOptions): Promise<boolean> {
  const { follow, lines } = options;
  const args = [`--user-unit=${label}`, `--lines=${lines}`, '--no-pager', '--output=short-iso'];
  const stopping = stopped();
  const child = spawn('journalctl', [...args, ...(follow ? ['--follow'] : [])], {
    env: cli.world.env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  stopping.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  const ended = once(child, 'exit').catch((error: NodeJS.ErrnoException) => error);
  const outcome = await ended.finally(stopping.forget);
  if (outcome instanceof Error) {
    if (outcome.code === 'ENOENT') return false;
    throw outcome;
  }
  const [code] = outcome;
  if (code === 0 || stopping.signal.aborted) return true;
  throw new Failure('failed', `journalctl ended with ${code}`);
}

async function fromFile(
  { terminal }: Cli,
  file: string,
  { follow, lines }: LogsOptions,
): Promise<void> {
  const reader = new LogFileReader(file, placeOfLast(file, lines));
  await terminal.out(...(follow ? reader.lines() : reader.allLines()).map(terminal.text));
  if (!follow) return;
  const stopping = stopped();
  try {
    while (!stopping.signal.aborted) {
      await sleep(limits.cli_log_next_ms, undefined, { signal: stopping.signal }).catch(() => {});
      await terminal.out(...reader.lines().map(terminal.text));
    }
  } finally {
    stopping.forget();
  }
}

/** Following ends with a signal, and well. */
function stopped() {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const forget = () => void process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  return { signal: controller.signal, forget };
}
