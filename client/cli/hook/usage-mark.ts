// The mark in a transcript up to which its usage was reported: a stop reports what lies behind it.
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { type TurnUse, usageIn } from '../../runtimes/transcript-usage.js';

const MARK = 'usage';

/** What was used since the mark, and how to move it once that is told. */
export interface TranscriptUse {
  usage?: TurnUse | undefined;
  keep(): void;
}

/** Sets the mark of a session that has none: what was used before is not known to be untold. */
export function beginUse(dir: string, transcript: string): void {
  if (markIn(dir, transcript) === undefined) setMark(dir, transcript, sizeOf(transcript));
}

/** Reads a transcript from the mark in a session's directory on; of very much only the end. */
export function readUse(dir: string, transcript: string, model: string | undefined): TranscriptUse {
  const { bytes, from } = tailOf(transcript, markIn(dir, transcript));
  // What is not yet a whole line comes with the next.
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  const usage = whole.length > 0 ? usageIn(whole.toString().split('\n'), model) : undefined;
  return { usage, keep: () => setMark(dir, transcript, from + whole.length) };
}

function tailOf(file: string, mark: number | undefined): { bytes: Buffer; from: number } {
  const size = sizeOf(file);
  const from = Math.max(Math.min(mark ?? size, size), size - limits.hook_transcript_bytes);
  if (size === from) return { bytes: Buffer.alloc(0), from };
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(size - from);
    return { bytes: bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, from)), from };
  } finally {
    closeSync(handle);
  }
}

/** In bytes; 0 for what is no file. */
function sizeOf(file: string): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() ? stats.size : 0;
}

function markIn(dir: string, transcript: string): number | undefined {
  try {
    const [at = '', ...path] = readFileSync(join(dir, MARK), 'utf8').split(' ');
    return path.join(' ') === transcript && /^\d+$/.test(at) ? Number(at) : undefined;
  } catch {
    return undefined;
  }
}

function setMark(dir: string, transcript: string, at: number): void {
  writeFileSync(join(dir, MARK), `${at} ${transcript}`, { mode: 0o600 });
}
