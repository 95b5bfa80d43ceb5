// The nats-server process, under a guardian that ends it when the broker is gone.
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, open, stat } from 'node:fs/promises';
import { limits } from '../../schemas/limits.js';
import { readIfThere } from '../disk/data-dir.js';
import { childEnv } from '../system/child-env.js';
import {
  endProcess,
  type ProcessFacts,
  processesWith,
  processFacts,
} from '../system/process-facts.js';
import type { NatsFiles } from './config.js';

export interface NatsProcess {
  /** The nats-server's own, not the guardian's. */
  pid: number;
  /** Aborted once the server is gone, with the last complaint in its log as the reason. */
  gone: AbortSignal;
  /** Asks it to end, kills it when it does not; returns when it is gone. Repeats are harmless. */
  end(): Promise<void>;
  /** Kills it and its guardian at once; returns when they are gone. */
  kill(): Promise<void>;
}

/**
 * The pid is in the file before the server exists, so a broker killed at any moment leaves no
 * server that its successor cannot find. The guardian reads from the broker's pipe: it ends when
 * the broker does, however that dies.
 */
const GUARDIAN = `
umask 077
exec 3<&0
sh -c 'echo $$ >"$0"; exec "$@"' "$1" "$2" -c "$3" 3<&- </dev/null >>"$4" 2>&1 &
server=$!
(
  while read -r _ <&3; do :; done
  kill -TERM $server
  left=$5
  while [ $left -gt 0 ] && kill -0 $server; do sleep 1; left=$((left - 1)); done
  kill -KILL $server
) >/dev/null 2>&1 &
watch=$!
echo $server
wait $server
code=$?
kill $watch
exit $code
`;

/**
 * Starts the server on its configuration, after ending one that an earlier broker left behind.
 * Returns when it has a pid, not when it is ready.
 */
export async function launchNatsServer(binary: string, files: NatsFiles): Promise<NatsProcess> {
  await endLeftover(files);
  const logged = (await stat(files.log).catch(() => undefined))?.size ?? 0;
  const grace = String(Math.ceil(limits.nats_stop_ms / 1_000));
  const { pid, config, log } = files;
  const args = ['-c', GUARDIAN, 'signalbox-guardian', pid, binary, config, log, grace];
  // A session of its own: a Ctrl-C at the terminal is for the broker, which then ends the server.
  const env = childEnv(process.env);
  const guardian = spawn('sh', args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'], env });
  // Listened to first: a child for which no descriptor was left has no pipes, only this error.
  const announced = announcedPid(guardian);
  const gone = new AbortController();
  guardian.once('exit', async (code, signal) => {
    // Killed alone, it leaves its own helper and the server behind.
    if (signal !== null) killGroup(guardian);
    const complaint = await lastComplaint(files.log, logged);
    gone.abort(complaint ?? endedHow(code, signal));
  });
  return {
    pid: await announced,
    gone: gone.signal,
    end: () => endGuarded(guardian, gone.signal),
    kill: () => killGuarded(guardian, gone.signal),
  };
}

/** Adds since when the server lives, so that no later process with its pid is taken for it. */
export async function recordProcess(pid: number, files: NatsFiles): Promise<void> {
  const facts = await processFacts(pid).catch(() => undefined);
  // Only ever a second proof: without disk or descriptors the command line alone must do.
  if (facts !== undefined) await appendFile(files.pid, `${facts.started}\n`).catch(() => {});
}

/** Ends the server of an earlier run, also a stopped one; never a stranger that has its pid. */
export async function endLeftover(files: NatsFiles): Promise<void> {
  // Opening a pipe that was put there meanwhile would wait for ever.
  const isPipe = (await stat(files.pid).catch(() => undefined))?.isFIFO() === true;
  const [line, started] = ((isPipe ? '' : await readIfThere(files.pid)) ?? '').split('\n');
  // Two servers on one store would ruin it, so a lost or damaged file must not hide one.
  const others = (await processesWith(['-c', files.config])).filter(pid => pid !== Number(line));
  for (const pid of [Number(line), ...others]) {
    if (!Number.isInteger(pid) || pid <= 1) continue;
    const facts = await processFacts(pid);
    if (facts === undefined || !(others.includes(pid) || isOurs(facts, started, files))) continue;
    await endProcess(pid, facts.started, limits.nats_stop_ms);
  }
}

function isOurs(facts: ProcessFacts, started: string | undefined, files: NatsFiles): boolean {
  if (started && started !== facts.started) return false;
  return facts.command.endsWith(` -c ${files.config}`);
}

function announcedPid(guardian: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    guardian.on('error', reject);
    guardian.stdin?.on('error', () => {});
    guardian.stdout?.on('data', chunk => {
      said += chunk;
      if (said.endsWith('\n')) resolve(Number(said));
    });
    guardian.once('exit', () => reject(new Error('the guardian of the nats-server ended early')));
  });
}

async function endGuarded(guardian: ChildProcess, gone: AbortSignal): Promise<void> {
  const impatience = setTimeout(() => killUnlessReaped(guardian), limits.nats_stop_ms);
  // The guardian hears the end of its pipe, and takes the server with it.
  guardian.stdin!.end();
  await aborted(gone);
  clearTimeout(impatience);
}

async function killGuarded(guardian: ChildProcess, gone: AbortSignal): Promise<void> {
  killUnlessReaped(guardian);
  await aborted(gone);
}

function killUnlessReaped(guardian: ChildProcess): void {
  if (guardian.exitCode === null && guardian.signalCode === null) killGroup(guardian);
}

function killGroup(guardian: ChildProcess): void {
  try {
    process.kill(-guardian.pid!, 'SIGKILL');
  } catch {
    // All gone already.
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function endedHow(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `its guardian was ended by ${signal}`;
  // So a shell reports a child that a signal ended.
  return code! > 128 ? `it was ended by signal ${code! - 128}` : `it ended with status ${code}`;
}

/** The last fatal line this run wrote to the log; undefined when there is none. */
async function lastComplaint(log: string, from: number): Promise<string | undefined> {
  const text = await readTail(log, from).catch(() => '');
  const fatal = text.split('\n').filter(line => /\[FTL\]|^nats-server: |^panic: /.test(line));
  return fatal.at(-1)?.replace(/^.*\[FTL\] /, '');
}

async function readTail(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(size < from ? 0 : from, size - limits.nats_complaint_bytes);
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(size - start),
      0,
      size - start,
      start,
    );
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
