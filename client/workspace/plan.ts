// The plan of a workspace: how each part stands against what is shipped, and what is to be written.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { asIn, blockIn, plainText, withBlock, withInner } from './block.js';
import type { FoundPart } from './disk.js';
import type { WorkspacePart } from './parts.js';

/**
 * How a part stands: as shipped; not there yet; of an earlier signalbox and untouched; shipped no
 * more and untouched; changed by its user while nothing newer is shipped, or something newer is;
 * there before us; removed by its user; with damaged marks; not to be read or written.
 */
export type PartStanding =
  | 'right'
  | 'missing'
  | 'older'
  | 'surplus'
  | 'edited'
  | 'differs'
  | 'theirs'
  | 'removed'
  | 'damaged'
  | 'blocked';

/** One part, and what is to be done about it. */
export interface PartPlan {
  path: string;
  kind: WorkspacePart['kind'];
  standing: PartStanding;
  /** Why it is left alone. */
  why?: string;
  /** Where it is written, other than at its path: a link within the workspace leads there. */
  at?: string;
  /** What its user has, and what is shipped; of a block, what stands between the marks. */
  mine?: string;
  shipped?: string;
  /** The file as it was read, and as it is to be. Absent where nothing is to be written. */
  before?: { bytes: Buffer; mode: number };
  after?: string;
  /** What our writing is known by. */
  digest: string;
  /** True where what its user has goes for it: a copy is kept. */
  isTaken?: boolean;
}

/** What is known of a part, and what its user wants of it. */
export interface PartPast {
  /** The digests of what we wrote. */
  wrote: readonly string[];
  /** True where a run that was cut off was to make it. */
  isPending: boolean;
  /** Wants what is shipped, whatever is there; wants back what was removed. */
  isTaken: boolean;
  isRestored: boolean;
}

/** SHA-256 of a text, whatever its line ends. */
export function partDigest(text: string): string {
  return createHash('sha256').update(plainText(text)).digest('hex');
}

/** How a part with a text stands. */
export function planText(
  part: Extract<WorkspacePart, { text: string }>,
  found: FoundPart,
  past: PartPast,
): PartPlan {
  const { path, kind, text } = part;
  const shared = { path, kind, shipped: text, digest: partDigest(text) };
  if (found.is === 'nothing') {
    if (isRemoved(past)) return { ...shared, standing: 'removed' };
    return {
      ...shared,
      standing: 'missing',
      after: kind === 'block' ? withBlock(undefined, text) : text,
    };
  }
  if (found.is !== 'file') {
    const isTheirs = kind !== 'block' && found.is === 'link' && leadsInside(path, found.target);
    return { ...shared, standing: isTheirs ? 'theirs' : 'blocked', why: whyNot(found) };
  }
  const { text: now, bytes, mode } = found;
  const before = { bytes, mode };
  if (now === undefined) {
    const standing = kind === 'block' ? 'blocked' : 'theirs';
    return { ...shared, standing, why: 'is not in UTF-8' };
  }
  if (kind === 'block') return planBlock(shared, text, { now, before }, past);
  const judged = judge(now, text, past, kind === 'seed');
  const isWritten = judged.standing === 'older' || judged.isTaken;
  return {
    ...shared,
    ...judged,
    mine: now,
    ...(isWritten && { before, after: asIn(now, text) }),
  };
}

/** One file by two names, as CLAUDE.md often is AGENTS.md: by its words alone, as none is read. */
function leadsInside(path: string, target: string): boolean {
  const meant = posix.join(posix.dirname(path), target);
  return !/^(?:\/|[A-Za-z]:|\\)/.test(target) && meant !== '..' && !meant.startsWith('../');
}

type Shared = Pick<PartPlan, 'path' | 'kind' | 'shipped' | 'digest'>;

function planBlock(
  shared: Shared,
  text: string,
  { now, before }: { now: string; before: { bytes: Buffer; mode: number } },
  past: PartPast,
): PartPlan {
  const block = blockIn(now);
  switch (block.is) {
    case 'damaged':
      return { ...shared, standing: 'damaged', why: block.why };
    case 'none': {
      if (isRemoved(past)) return { ...shared, standing: 'removed' };
      return { ...shared, standing: 'missing', before, after: withBlock(now, text) };
    }
    case 'there': {
      const { inner } = block;
      const judged = judge(inner, text, past, false);
      const isWritten = judged.standing === 'older' || judged.isTaken;
      const after = () => withInner(now, text, block);
      return { ...shared, ...judged, mine: inner, ...(isWritten && { before, after: after() }) };
    }
  }
}

/** A three-way comparison: theirs, ours as we wrote it, ours as it is shipped now. */
function judge(
  now: string,
  shipped: string,
  { wrote, isPending, isTaken }: PartPast,
  isSeed: boolean,
): { standing: PartStanding; why?: string; isTaken?: boolean } {
  if (partDigest(now) === partDigest(shipped)) return { standing: 'right' };
  if (isSeed) return { standing: wrote.length > 0 ? 'edited' : 'theirs' };
  if (wrote.includes(partDigest(now))) return { standing: 'older' };
  const taken = isTaken && { isTaken };
  if (wrote.length === 0 || isPending) return { standing: 'theirs', ...taken };
  return { standing: wrote.includes(partDigest(shipped)) ? 'edited' : 'differs', ...taken };
}

/** How a link stands; `isSame` where it leads there by other links. */
export function planLink(
  { path, target }: Extract<WorkspacePart, { kind: 'link' }>,
  found: FoundPart,
  past: PartPast,
  isSame: boolean,
): PartPlan {
  const shared = { path, kind: 'link' as const, digest: partDigest(`link ${target}`) };
  if (isSame) return { ...shared, standing: 'right' };
  if (found.is === 'nothing') {
    if (isRemoved(past)) return { ...shared, standing: 'removed' };
    return { ...shared, standing: 'missing', after: target };
  }
  if (found.is === 'link') {
    return { ...shared, standing: 'theirs', why: `leads to ${found.target}` };
  }
  return { ...shared, standing: 'theirs', why: whyNot(found) };
}

/** What we wrote and do not ship any more; undefined where there is nothing of it to remove. */
export function planSurplus(
  path: string,
  found: FoundPart,
  wrote: readonly string[],
): PartPlan | undefined {
  const shared = { path, digest: '', standing: 'surplus' as const };
  if (found.is === 'link') {
    const isOurs = wrote.includes(partDigest(`link ${found.target}`));
    return isOurs ? { ...shared, kind: 'link' } : undefined;
  }
  if (found.is !== 'file' || found.text === undefined) return undefined;
  const { bytes, mode, text } = found;
  if (!wrote.includes(partDigest(text))) return undefined;
  return { ...shared, kind: 'file', before: { bytes, mode } };
}

function isRemoved({ wrote, isPending, isTaken, isRestored }: PartPast): boolean {
  return wrote.length > 0 && !isPending && !isTaken && !isRestored;
}

function whyNot(found: FoundPart): string {
  switch (found.is) {
    case 'folder':
      return 'is a folder';
    case 'link':
      return `is a link to ${found.target}`;
    case 'blocked':
      return found.why;
    case 'file':
      return 'is a file';
    case 'nothing':
      return 'is not there';
  }
}
