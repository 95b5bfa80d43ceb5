// A tmux server of our own: a session for each spawn, which bears its id, and is never another's.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { spawnsFolder } from './record.js';

/** How the terminal of a spawn stands. */
export interface Pane {
  pid: number;
  isDead: boolean;
  /** How its program ended: its exit code, or the signal. */
  end?: string;
}

/** Where the server listens: with what else we keep, or where that is too long for a socket. */
export function socketFor(state: string): string {
  const own = join(spawnsFolder(state), 'tmux.sock');
  if (Buffer.byteLength(own) <= limits.spawn_socket_bytes) return own;
  const hash = createHash('sha256').update(own).digest('hex').slice(0, limits.worktree_hash_chars);
  return join('/tmp', `signalbox-${userInfo().uid}`, `${hash}.sock`);
}

/** Made for this user alone. Throws a Failure where somebody else has made it. */
function demandFolder(socket: string): void {
  const folder = dirname(socket);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid === userInfo().uid && (mode & 0o022) === 0) return;
  throw new Failure('unauthorised', `${folder} is not yours alone: no terminal is made in it`);
}

/** Whether there is a tmux to start. */
export async function hasTmux(env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await run(['-V'], env)).code === 0;
}

/** Starts a line of the POSIX shell in a terminal; what it ends with stays to be read. */
export async function openPane(
  socket: string,
  { spawn, name, cwd, line }: { spawn: string; name: string; cwd: string; line: string },
): Promise<void> {
  demandFolder(socket);
  const all = [
    ['start-server'],
    ['set-option', '-g', 'default-shell', '/bin/sh'],
    // A program that ends at once must not take its last words with it.
    ['set-option', '-g', 'remain-on-exit', 'on'],
    ['new-session', '-d', '-s', spawn, '-n', name, '-x', '160', '-y', '50', '-c', cwd, line],
    ['set-option', '-t', `=${spawn}:`, '@signalbox_spawn', spawn],
  ];
  const words = all.flatMap((each, n) => (n === 0 ? each : [';', ...each]));
  const { code, said } = await tmux(socket, words);
  if (code !== 0) throw new Failure('failed', `tmux: ${said.trim() || 'it started no terminal'}`);
}

/** The terminal of a spawn; undefined where there is none that is its own. */
export async function paneOf(socket: string, spawn: string): Promise<Pane | undefined> {
  const form =
    '#{@signalbox_spawn} #{pane_pid} #{pane_dead} #{pane_dead_status} #{pane_dead_signal}';
  const { code, said } = await tmux(socket, ['display-message', '-p', '-t', `=${spawn}:`, form]);
  const [owner, pid, dead, status, signal] = said.trimEnd().split(' ');
  if (code !== 0 || owner !== spawn) return undefined;
  const end = status ? `exit ${status}` : signal ? `signal ${signal}` : undefined;
  return { pid: Number(pid), isDead: dead === '1', ...(end && { end }) };
}

/** The last lines that its terminal shows. */
export async function lastLines(socket: string, spawn: string): Promise<string[]> {
  // When a program ends, what stood at the top goes into the history.
  const words = ['capture-pane', '-p', '-J', '-S', '-', '-t', `=${spawn}:`];
  const { said } = await tmux(socket, words);
  const lines = said.split('\n').map(line => line.trimEnd());
  const shown = lines.filter(line => line !== '' && !line.startsWith('Pane is dead'));
  return shown.slice(-limits.spawn_screen_lines);
}

/** Takes the terminal away. True where it is gone. */
export async function closePane(socket: string, spawn: string): Promise<boolean> {
  if ((await paneOf(socket, spawn)) === undefined) return true;
  return (await tmux(socket, ['kill-session', '-t', `=${spawn}`])).code === 0;
}

/**
 * In a server that is nobody else's, without the settings of the user. The server keeps what its
 * first caller has for an environment: it must not be taken for a process of that session.
 */
function tmux(socket: string, words: readonly string[]) {
  const { PATH, HOME, LANG, LC_ALL, TMPDIR } = process.env;
  const env = { PATH, HOME, LANG: LC_ALL || LANG || 'C.UTF-8', ...(TMPDIR && { TMPDIR }) };
  return run(['-u', '-S', socket, '-f', '/dev/null', ...words], env);
}

function run(words: readonly string[], env: NodeJS.ProcessEnv) {
  const options = { env, timeout: limits.spawn_tmux_ms, encoding: 'utf8' } as const;
  return new Promise<{ code: number; said: string }>(resolve => {
    execFile('tmux', words, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, said: code === 0 ? stdout : stderr });
    });
  });
}
