// The mark in a transcript up to which its usage was reported: a stop reports what lies behind it.
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { type AnswerUse, countUse, type TurnUse } from '../../runtimes/transcript-usage.js';

const MARK = 'usage';

interface Mark {
  /** In bytes. */
  at: number;
  transcript: string;
  /** The answer of the model before it. */
  last?: AnswerUse | undefined;
}

/** What was used since the mark, and how to move it once that is told. */
export interface TranscriptUse {
  usage?: TurnUse | undefined;
  keep(): void;
}

/** Sets the mark of a session that has none: what was used before is not known to be untold. */
export function beginUse(dir: string, transcript: string): void {
  if (markIn(dir, transcript) === undefined) {
    setMark(dir, { transcript, at: sizeOf(transcript) });
  }
}

/** Reads a transcript from the mark in a session's directory on; of very much only the end. */
export function readUse(dir: string, transcript: string, model: string | undefined): TranscriptUse {
  const mark = markIn(dir, transcript);
  const { bytes, from } = tailOf(transcript, mark?.at);
  // What is not yet a whole line comes with the next.
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  const lines = whole.toString().split('\n');
  const { usage, last } = countUse(lines, model, mark?.last);
  return { usage, keep: () => setMark(dir, { transcript, at: from + whole.length, last }) };
}

function tailOf(file: string, mark: number | undefined): { bytes: Buffer; from: number } {
  const size = sizeOf(file);
  const from = Math.max(Math.min(mark ?? size, size), size - limits.hook_transcript_bytes);
  if (size === from) return { bytes: Buffer.alloc(0), from };
  const bytes = Buffer.alloc(size - from);
  return { bytes: bytes.subarray(0, readAt(file, bytes, from)), from };
}

/** How many bytes were read; none of what may not be: mail is not to wait for a transcript. */
function readAt(file: string, bytes: Buffer, from: number): number {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    return readSync(handle, bytes, 0, bytes.length, from);
  } catch {
    return 0;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** In bytes; 0 for what is no file, or cannot be looked at. */
function sizeOf(file: string): number {
  try {
    const stats = statSync(file);
    return stats.isFile() ? stats.size : 0;
  } catch {
    return 0;
  }
}

function markIn(dir: string, transcript: string): Mark | undefined {
  try {
    const mark: Mark = JSON.parse(readFileSync(join(dir, MARK), 'utf8'));
    return mark.transcript === transcript && isWhole(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

function isWhole({ at, last }: Mark): boolean {
  const counts = last === undefined ? [at] : [at, last.input, last.output];
  return counts.every(count => Number.isSafeInteger(count) && count >= 0);
}

function setMark(dir: string, mark: Mark): void {
  writeFileSync(join(dir, MARK), JSON.stringify(mark), { mode: 0o600 });
}
