// How a start ends that does not succeed: by name, within bounds, whatever stands in its way.
import { relative, resolve } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { BrokenHistory } from '../core/fold.js';
import type { Clock } from './clock.js';

interface Target {
  port: number;
  dataDir: string;
  /** There is no space left on its disk. */
  isFull?: boolean;
}

const UNUSABLE: Readonly<Record<string, string>> = {
  ENOTDIR: 'something on its path is not a directory',
  EISDIR: 'a directory is where a file should be',
  EACCES: 'this user may not read and write there',
  EPERM: 'it belongs to another user',
  EROFS: 'its disk can only be read',
  ENOENT: 'it cannot be made there',
  EEXIST: 'something else is where a directory should be',
  ELOOP: 'its links form a loop',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'its disk fails',
};

/** What a full disk may also look like, depending on who meets it. */
const VAGUE = ['start_failed', 'nats_failed', 'log_stalled'];

/** Gives an error the code by which a program knows it, and a sentence that says what to do. */
export function coded(error: unknown, target: Target): Error {
  const named = namedFor(error, target);
  if (target.isFull !== true || !VAGUE.includes(named.code)) return named;
  const advice = `free some space and start again (${named.message})`;
  const message = `The disk of ${target.dataDir} is full; ${advice}`;
  return Object.assign(new Error(message), { code: 'disk_full' });
}

function namedFor(error: unknown, { port, dataDir }: Target): Error & { code: string } {
  const found = error instanceof Error ? error : new Error(String(error));
  const { code: given, syscall = '', path } = found as NodeJS.ErrnoException;
  // A store numbers its errors.
  const code = typeof given === 'string' ? given : '';
  const named = (name: string, message = found.message) =>
    Object.assign(message === found.message ? found : new Error(message), { code: name });
  if (error instanceof BrokenHistory) return named('history_broken');
  if (found.name === 'AbortError') return named('interrupted', 'Stopped before it was ready.');
  if (code === 'EADDRINUSE') {
    return named('port_busy', `Port ${port} is taken; stop what listens there or choose another.`);
  }
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    const advice = 'choose another --host or --port';
    return named('port_unusable', `Nothing can listen there: ${advice} (${found.message}).`);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return named('disk_full', `The disk of ${dataDir} is full; free some space and start again.`);
  }
  const isHere = path === undefined || concerns(path, dataDir);
  if (Object.hasOwn(UNUSABLE, code) && isHere && !syscall.startsWith('spawn')) {
    const advice = `Fix that, or choose another with --data (${found.message}).`;
    return named(
      'data_unusable',
      `The data directory ${dataDir} cannot be used: ${UNUSABLE[code]}. ${advice}`,
    );
  }
  // The codes of a store that answers are numbers, 0 when it does not: a server of another's.
  if (found.name === 'StoreError') return named('nats_failed');
  return named(code === '' || /^E[A-Z]+$/.test(code) ? 'start_failed' : code);
}

/** True for what lies in the directory, and for what it lies in. */
function concerns(path: string, dataDir: string): boolean {
  const isBelow = (from: string, to: string) => !/^\.\.(\/|$)/.test(relative(from, to));
  const [there, here] = [resolve(path), resolve(dataDir)];
  return isBelow(here, there) || isBelow(there, here);
}

interface Watching {
  clock: Clock;
  stopping: AbortSignal;
  onProgress(line: string): void;
}

/** How far it has come, and what stands in its way as far as that is known. */
type Standing = () => { sequence: number; trouble: string | undefined; isFull?: boolean };

/** The work's result, unless it stands still too long or is stopped; says how it gets on. */
export function unlessStalled<T>(
  work: Promise<T>,
  standing: Standing,
  { clock, stopping, onProgress }: Watching,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let { sequence } = standing();
    let movedAt = clock.elapsed();
    let speakAt = movedAt + limits.start_progress_ms;
    const look = () => {
      const now = clock.elapsed();
      const { sequence: reached, trouble, isFull } = standing();
      if (reached !== sequence) movedAt = now;
      sequence = reached;
      const isHopeless = trouble !== undefined && isFull === true;
      if (isHopeless || now - movedAt > limits.start_stall_ms) fail(stalled(sequence, trouble));
      if (now < speakAt) return;
      speakAt = now + limits.start_progress_ms;
      onProgress(`replaying the log: commit ${sequence}`);
    };
    const timer = setInterval(look, limits.start_look_ms);
    const end = () => {
      clearInterval(timer);
      stopping.removeEventListener('abort', stop);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const stop = () => fail(stopping.reason);
    stopping.addEventListener('abort', stop);
    work.then(result => {
      end();
      resolve(result);
    }, fail);
    if (stopping.aborted) stop();
  });
}

function stalled(sequence: number, trouble: string | undefined): Error {
  const why = trouble === undefined ? '' : ` (${trouble})`;
  const message = `The log stands still at commit ${sequence}${why}; see nats-server.log there.`;
  return Object.assign(new Error(message), { code: 'log_stalled' });
}

/** Every call shares the one run, whatever becomes of it. */
export function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

/** As [withResolvers](https://tc39.es/proposal-promise-with-resolvers/); unheard it is no crash. */
export function deferred() {
  let resolve = () => {};
  let reject = (_: Error) => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Whoever asks later still learns of it; nobody asking is no crash.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** Resolves after so many ms, and keeps no process alive. */
export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref());
}
