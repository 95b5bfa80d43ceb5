// A broker in the background: heard until it is ready, then left alone; told about if it is not.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { type ExitName, exits, Failure } from '../../terminal/exit.js';
import type { Cli } from '../cli.js';
import type { Endpoint } from '../reach/endpoint.js';
import { isLocal, urlsFor } from '../reach/exposure.js';
import { endpointFile } from '../reach/paths.js';
import { runningIn } from '../reach/running.js';
import { callsFor, greeting, type ReadyTold } from './greeting.js';
import { brokerLog, LogFileReader, openLog, unstamped } from './log-file.js';
import { chosen, type UpChoice, type UpOptions, upCall } from './options.js';

/**
 * Starts a broker that outlives this process and its terminal, and tells its ready line. One that
 * runs in the directory already is told instead, unless another port was asked for: a Failure, as
 * for a start that failed, whose cause is the other process's own.
 */
export async function upDetached(cli: Cli, options: UpOptions, dataDir: string): Promise<void> {
  const { terminal, world, paths } = cli;
  const choice = chosen(options, world, cli.settings);
  const logFile = brokerLog(paths, cli.options.mesh, dataDir);
  const before = await runningIn(dataDir);
  const isAlready = before.state === 'alive';
  const ready = isAlready
    ? await already(cli, before.endpoint, options.port, dataDir)
    : await new Start(cli, choice, dataDir, logFile).ready();
  const port = new URL(ready.url).port || '80';
  const urls = isLocal(choice.host) ? [] : urlsFor(choice.host, port, choice.allowHost);
  const told = { ...ready, ...(!isLocal(choice.host) && { urls }) };
  const ending = [
    `  To stop it: ${callsFor(cli, dataDir)} down`,
    ...(isAlready ? [] : [`  It runs in the background; what it says is in ${logFile}`]),
  ];
  await terminal.one(told, () => greeting(ready, urls, cli, dataDir, ending));
}

async function already(
  { terminal }: Cli,
  { url, pid }: Endpoint,
  port: number | undefined,
  dataDir: string,
): Promise<ReadyTold> {
  if (port && String(port) !== new URL(url).port) {
    throw new Failure('conflict', `a broker runs in ${dataDir} already, elsewhere: ${url}`, {
      hint: 'use it as it is (signalbox status), or stop it first: signalbox down',
    });
  }
  terminal.say(`a broker runs in ${dataDir} already (pid ${pid})`);
  // What a broker leaves there is its ready line.
  return JSON.parse(await readFile(endpointFile(dataDir), 'utf8'));
}

class Start {
  readonly #cli: Cli;
  readonly #dataDir: string;
  readonly #logFile: string;
  readonly #log: LogFileReader;
  readonly #child: ChildProcess;
  #error: string | undefined;

  constructor(cli: Cli, choice: UpChoice, dataDir: string, logFile: string) {
    this.#cli = cli;
    this.#dataDir = dataDir;
    this.#logFile = logFile;
    const { handle, end } = openLog(logFile);
    this.#log = new LogFileReader(logFile, end);
    const [node, file] = cli.world.program;
    const call = upCall(choice, cli.options.mesh, dataDir);
    const words = [file, ...call.words, '--json', '--log-file', logFile];
    this.#child = spawn(node, words, {
      // It must keep no directory from being removed or unmounted.
      cwd: '/',
      detached: true,
      env: { ...cli.world.env, ...call.env },
      stdio: ['ignore', 'pipe', handle],
    });
    closeSync(handle);
  }

  /** Its ready line. Rejects with why there is none. */
  async ready(): Promise<ReadyTold> {
    const child = this.#child;
    const stop = () => void child.kill('SIGTERM');
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const follow = setInterval(() => this.#tell(), limits.cli_log_next_ms);
    try {
      const line = await this.#cli.terminal.during('starting', firstLine(child));
      this.#tell();
      if (line === undefined) return await this.#instead();
      child.unref();
      return JSON.parse(line);
    } finally {
      clearInterval(follow);
      process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
      child.stdout?.destroy();
    }
  }

  /** Passes on what it says; its last word is kept. */
  #tell(): void {
    for (const line of this.#log.lines()) {
      if (line.startsWith('{"error":')) this.#error = line;
      else this.#cli.terminal.say(unstamped(line));
    }
  }

  /** Two may have been started at once: the other one's line serves as well. */
  async #instead(): Promise<ReadyTold> {
    const failure = this.#failure();
    const isSecond = failure.refusal === 'data_locked' || failure.exit === 'conflict';
    for (let left = isSecond ? limits.cli_stop_ms : 0; left > 0; left -= limits.cli_log_next_ms) {
      const found = await runningIn(this.#dataDir);
      if (found.state === 'alive') return already(this.#cli, found.endpoint, 0, this.#dataDir);
      if (failure.refusal !== 'data_locked') break;
      await sleep(limits.cli_log_next_ms);
    }
    throw failure;
  }

  /** Why it ended, in its own words if it had any. */
  #failure(): Failure {
    const { exitCode, signalCode } = this.#child;
    const log = `its log: ${this.#logFile}`;
    const said = errorIn(this.#error);
    if (said === undefined) {
      const how = signalCode ?? `exit ${exitCode}`;
      return new Failure('failed', `the broker ended before it was ready (${how})`, { hint: log });
    }
    const { message, refusal, hint, exit } = said;
    const name = Object.entries(exits).find(([, code]) => code === exit)?.[0];
    return new Failure((name ?? 'failed') as ExitName, message, {
      hint: hint === undefined ? log : `${hint}\n  ${log}`,
      ...(refusal !== undefined && { refusal }),
    });
  }
}

interface Said {
  message: string;
  refusal?: string;
  hint?: string;
  exit: number;
}

function errorIn(line: string | undefined): Said | undefined {
  try {
    return JSON.parse(line ?? '').error;
  } catch {
    return undefined;
  }
}

/** The first line that a process prints; undefined when it ended without one. */
async function firstLine(child: ChildProcess): Promise<string | undefined> {
  const ended = once(child, 'exit');
  const lines = child.stdout && createInterface({ input: child.stdout });
  const printed = lines && once(lines, 'line').then(([line]) => String(line));
  const first = await Promise.race([printed, ended.then(() => undefined)]);
  return first ?? undefined;
}
