// Processes of this machine: whether one lives and is a broker, and which one listens on a port.
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { limits } from '../../../schemas/limits.js';
import { cut } from '../../terminal/width.js';

const run = (file: string, words: readonly string[]) => promisify(execFile)(file, words);
const LISTENING = '0A';

/** The command line of a living process, or undefined when there is none (or only its shell). */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return words.split('\0').join(' ').trim() || undefined;
  }
  const said = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return said?.stdout.trim() || undefined;
}

/** True once the process is gone; false when it still lives after `wait_ms`. */
export async function isGoneWithin(pid: number, wait_ms: number): Promise<boolean> {
  for (let waited = 0; waited < wait_ms; waited += limits.cli_stop_look_ms) {
    if ((await commandOf(pid)) === undefined) return true;
    await sleep(limits.cli_stop_look_ms);
  }
  return false;
}

/** Who listens on a TCP port, as `pid 123 (node server.js)`; undefined when none can tell. */
export async function listenerOn(port: number): Promise<string | undefined> {
  const pid = (await listenerFromProc(port)) ?? (await listenerFromLsof(port));
  if (pid === undefined) return undefined;
  const command = await commandOf(pid);
  return `pid ${pid}${command ? ` (${cut(command, limits.cli_command_chars)})` : ''}`;
}

async function listenerFromProc(port: number): Promise<number | undefined> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(table => readFile(table, 'utf8'));
  const texts = (await Promise.allSettled(tables)).map(read =>
    read.status === 'fulfilled' ? read.value : '',
  );
  const sockets = new Set(texts.flatMap(text => listeningInodes(text, port)));
  if (sockets.size === 0) return undefined;
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  for (const pid of pids) if (await holdsOneOf(pid, sockets)) return Number(pid);
  return undefined;
}

function listeningInodes(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = table.split('\n').map(line => line.trim().split(/\s+/));
  const ours = rows.filter(row => row[1]?.endsWith(wanted) && row[3] === LISTENING);
  return ours.map(row => `socket:[${row[9]}]`);
}

async function holdsOneOf(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const handle of handles) {
    const target = await readlink(`/proc/${pid}/fd/${handle}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}

async function listenerFromLsof(port: number): Promise<number | undefined> {
  const wanted = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'];
  const said = await run('lsof', wanted).catch(() => undefined);
  const pid = Number(said?.stdout.split('\n')[0]);
  return pid > 0 ? pid : undefined;
}
