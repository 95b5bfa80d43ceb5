// A survey of the log by checksums, before a server may touch it: a server cuts what it dislikes.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { streamName, streamSubject } from '../stream-settings.js';
import { exactRecords, isGap, readableRecords, sealOf } from './block.js';
import { type BlockDigest, digestOf, type KnownBlocks } from './block-digests.js';
import { type Block, blocksIn } from './places.js';

export interface Survey {
  /** The sequence of the last commit up to which all is there. */
  last: number;
  /** What is wrong, in one sentence; undefined when nothing acknowledged is missing. */
  damage: string | undefined;
  /** A last write that never came to its end, and was never acknowledged. */
  torn: { file: string; at: number } | undefined;
  /** Of each block, how far it is good. */
  blocks: BlockDigest[];
}

export interface Looking {
  /** The last sequence that was acknowledged. */
  acknowledged: number;
  /** Told after each block: how many of how many were looked through. */
  onBlock(done: number, count: number): void;
  stopping: AbortSignal;
  /** What an earlier survey found good: where its bytes are the same, no record is read again. */
  known?: KnownBlocks;
}

/** Read and digested at once, ahead of the one that is looked through. */
const AHEAD = 3;
const NONE: KnownBlocks = new Map();

/**
 * Reads every byte of the log, and holds each record against its checksum, or all of a block that
 * was checked before against the digest of then. Changes nothing.
 */
export async function surveyLog(store: string, mesh: string, looking: Looking): Promise<Survey> {
  const blocks = await blocksIn(store, mesh);
  const { known = NONE } = looking;
  const good: BlockDigest[] = [];
  const loads: ReturnType<typeof load>[] = [];
  let last = 0;
  let torn: Survey['torn'];
  for (const [i, block] of blocks.entries()) {
    looking.stopping.throwIfAborted();
    for (const next of blocks.slice(loads.length, i + 1 + AHEAD)) {
      loads.push(load(next, known.get(next.number)));
      // Whoever never comes to it is not told of a fault.
      loads.at(-1)?.catch(() => {});
    }
    const isLast = i === blocks.length - 1;
    const found = await surveyBlock(block, mesh, last, await loads[i]!);
    delete loads[i];
    good.push({ number: block.number, bytes: found.at, from: last, ...found.good });
    last = found.good.last;
    if (found.stop !== undefined) {
      const isTorn = isLast && found.isTail && last >= looking.acknowledged;
      if (!isTorn) return { last, damage: found.stop, torn: undefined, blocks: good };
      torn = { file: block.file, at: found.at };
    }
    looking.onBlock(i + 1, blocks.length);
  }
  const isShort = last < looking.acknowledged;
  const damage = isShort ? lostTail(last, looking.acknowledged) : undefined;
  return { last, damage, torn, blocks: good };
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

interface Loaded {
  bytes: Buffer;
  /** Set when the block begins as it did when it was checked. */
  known: BlockDigest | undefined;
}

/** A block file; a word where it is damaged. */
async function load({ file }: Block, known: BlockDigest | undefined): Promise<Loaded | string> {
  const bytes = await readFile(file).catch(codeOfDamage);
  if (typeof bytes === 'string') return bytes;
  const isSame =
    known !== undefined &&
    known.bytes <= bytes.length &&
    (await digestOf(bytes.subarray(0, known.bytes))) === known.digest;
  return { bytes, known: isSame ? known : undefined };
}

interface Surveyed {
  at: number;
  /** Up to `at`. */
  good: Pick<BlockDigest, 'last' | 'digest'>;
  /** Why the block was left before its end. */
  stop?: string;
  /** No record that can be read comes after the stop. */
  isTail?: boolean;
}

async function surveyBlock(
  { number, file }: Block,
  mesh: string,
  from: number,
  loaded: Loaded | string,
): Promise<Surveyed> {
  const name = basename(file);
  if (typeof loaded === 'string') {
    const stop = `${name} cannot be read (${loaded}).`;
    return { at: 0, good: { last: from, digest: '' }, stop };
  }
  const { bytes } = loaded;
  const known = loaded.known?.from === from ? loaded.known : undefined;
  let { last, bytes: at } = known ?? { last: from, bytes: 0 };
  const seal = sealOf(streamName(mesh), number, streamSubject(mesh));
  let gap: string | undefined;
  for (const record of exactRecords(bytes, seal, at)) {
    if (!record.isTombstone) {
      if (record.sequence !== last + 1) {
        gap = `Commit ${last + 1} is missing before ${record.sequence} in ${name}.`;
        break;
      }
      last = record.sequence;
    }
    at = record.end;
  }
  const isSame = at === known?.bytes;
  const digest = isSame ? known.digest : await digestOf(bytes.subarray(0, at));
  const good = { last, digest };
  if (gap !== undefined) return { at, good, stop: gap };
  if (at === bytes.length) return { at, good };
  const stop = `Commit ${last + 1} cannot be read: ${name} is damaged at byte ${at}.`;
  let isTail = true;
  for (const found of readableRecords(bytes.subarray(at), seal)) isTail &&= isGap(found);
  return { at, good, stop, isTail };
}
