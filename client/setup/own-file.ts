// The plan of a file that is ours alone: known by the digest in its first line, never merged.
import { createHash } from 'node:crypto';
import type { Plan, Standing } from './plan.js';

const MARK = /^\/\/ signalbox: kept by `signalbox setup`, SHA-256 ([0-9a-f]{64})\n/;

/** What the file becomes; one that somebody changed, or put there, is left as it is. */
export function planOwnFile(before: string | undefined, body: string): Plan {
  const wanted = `// signalbox: kept by \`signalbox setup\`, SHA-256 ${sha256(body)}\n${body}`;
  const standing = standingOf(before, wanted);
  return {
    items: [{ what: 'plugin', standing }],
    after: standing === 'kept' ? before : wanted,
    wrote: {},
  };
}

function standingOf(before: string | undefined, wanted: string): Standing {
  if (before === undefined) return 'missing';
  if (before === wanted) return 'right';
  return isUntouched(before) ? 'older' : 'kept';
}

/** Ours is taken away, whatever was changed in it; that of somebody else is not. */
export function planOwnFileRemoval(before: string | undefined): Plan {
  if (before === undefined) return { items: [], after: undefined, wrote: {} };
  const isOurs = MARK.test(before);
  const standing = isUntouched(before) ? 'older' : isOurs ? 'changed' : 'kept';
  return {
    items: [{ what: 'plugin', standing }],
    after: isOurs ? undefined : before,
    wrote: {},
  };
}

/** True for a file as some version of setup wrote it. */
function isUntouched(file: string): boolean {
  const [first = '', digest] = file.match(MARK) ?? [];
  return digest !== undefined && sha256(file.slice(first.length)) === digest;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
