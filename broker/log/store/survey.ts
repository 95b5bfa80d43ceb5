// A survey of the log by checksums, before a server may touch it: a server cuts what it dislikes.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { streamName, streamSubject } from '../stream-settings.js';
import { exactRecords, isGap, readableRecords, sealOf } from './block.js';
import { type Block, blocksIn } from './places.js';

export interface Survey {
  /** The sequence of the last commit up to which all is there. */
  last: number;
  /** What is wrong, in one sentence; undefined when nothing acknowledged is missing. */
  damage: string | undefined;
  /** A last write that never came to its end, and was never acknowledged. */
  torn: { file: string; at: number } | undefined;
}

export interface Looking {
  /** The last sequence that was acknowledged. */
  acknowledged: number;
  /** Told after each block: how many of how many were looked through. */
  onBlock(done: number, count: number): void;
  stopping: AbortSignal;
}

/** Reads every record of the log and holds it against its checksum. Changes nothing. */
export async function surveyLog(store: string, mesh: string, looking: Looking): Promise<Survey> {
  const blocks = await blocksIn(store, mesh);
  let last = 0;
  let torn: Survey['torn'];
  for (const [i, block] of blocks.entries()) {
    looking.stopping.throwIfAborted();
    const isLast = i === blocks.length - 1;
    const found = await surveyBlock(block, mesh, last);
    last = found.last;
    if (found.stop !== undefined) {
      const isTorn = isLast && found.isTail && last >= looking.acknowledged;
      if (!isTorn) return { last, damage: found.stop, torn: undefined };
      torn = { file: block.file, at: found.at };
    }
    looking.onBlock(i + 1, blocks.length);
  }
  const isShort = last < looking.acknowledged;
  return { last, damage: isShort ? lostTail(last, looking.acknowledged) : undefined, torn };
}

/** What a person does about it. */
export const CURE = 'Restore the log, or accept the loss with: signalbox log accept-loss';

/** What is said when the log ends before its mark; both are sequences. */
export function lostTail(head: number, acknowledged: number): string {
  return `The log ends at commit ${head}, but commit ${acknowledged} was acknowledged here.`;
}

/** The code of an error that tells of a damage; others, which a person can mend, are thrown. */
export function codeOfDamage(error: NodeJS.ErrnoException): string {
  if (/^(EACCES|EPERM|EMFILE|ENFILE|ENOMEM)$/.test(error.code ?? '')) throw error;
  return error.code ?? error.message;
}

interface Surveyed {
  last: number;
  at: number;
  /** Why the block was left before its end. */
  stop?: string;
  /** No record that can be read comes after the stop. */
  isTail?: boolean;
}

async function surveyBlock({ number, file }: Block, mesh: string, from: number): Promise<Surveyed> {
  const name = basename(file);
  let last = from;
  let at = 0;
  const bytes = await readFile(file).catch(codeOfDamage);
  if (typeof bytes === 'string') return { last, at, stop: `${name} cannot be read (${bytes}).` };
  const seal = sealOf(streamName(mesh), number, streamSubject(mesh));
  for (const record of exactRecords(bytes, seal)) {
    if (!record.isTombstone) {
      if (record.sequence !== last + 1) {
        const stop = `Commit ${last + 1} is missing before ${record.sequence} in ${name}.`;
        return { last, at, stop };
      }
      last = record.sequence;
    }
    at = record.end;
  }
  if (at === bytes.length) return { last, at };
  const stop = `Commit ${last + 1} cannot be read: ${name} is damaged at byte ${at}.`;
  let isTail = true;
  for (const found of readableRecords(bytes.subarray(at), seal)) isTail &&= isGap(found);
  return { last, at, stop, isTail };
}
