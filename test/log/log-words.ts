// Words the log tests are written in: collect what a follower gets, append and expect it stored.
import { EventEmitter, once } from 'node:events';
import type { Delivery } from '../../broker/core/words.js';
import type { Follower, Log } from '../../broker/log/log.js';

export interface Tail {
  commits: Delivery[];
  broken: string[];
  follower: Follower;
  /** Resolves with the reason once the history is said to be broken. */
  broke: Promise<string>;
  heard: EventEmitter;
  sequences(): number[];
}

export function collect(log: Log, from: number): Tail {
  const commits: Delivery[] = [];
  const broken: string[] = [];
  const heard = new EventEmitter().setMaxListeners(0);
  const broke = once(heard, 'broken').then(([reason]) => String(reason));
  const follower = log.follow(from, {
    onCommit(commit) {
      commits.push(commit);
      heard.emit('commit');
    },
    onBroken(reason) {
      broken.push(reason);
      heard.emit('broken', reason);
    },
  });
  const sequences = (): number[] => commits.map(commit => commit.sequence);
  return { commits, broken, follower, broke, heard, sequences };
}

/** Resolves once the follower has got the sequence; throws when the history broke before. */
export async function reached(tail: Tail, sequence: number): Promise<void> {
  while ((tail.commits.at(-1)?.sequence ?? 0) < sequence) {
    await Promise.race([once(tail.heard, 'commit'), tail.broke]);
    if (tail.broken[0] !== undefined) throw new Error(tail.broken[0]);
  }
}

/** Appends until the store says it is stored; the id makes the repetition harmless. */
export async function stored(log: Log, id: string, text: string): Promise<number> {
  for (;;) {
    const result = await log.append(id, bytesOf(text));
    if (result.outcome === 'stored') return result.sequence;
    if (result.outcome === 'refused') throw new Error(result.reason);
  }
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

export function textOf(commit: Delivery): string {
  return Buffer.from(commit.bytes).toString();
}
