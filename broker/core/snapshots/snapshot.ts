// A snapshot of a fold as frames and back, and which snapshots this code may go on from.
import { stateLimits } from '../../../schemas/limits-state.js';
import { ZERO_DIGEST } from '../commits/marks.js';
import { Fold, type FoldStanding } from '../fold.js';
import { LEVEL } from '../levels.js';
import type { Frame } from '../rows/frame.js';
import { TableReader, tableFrames } from '../rows/frames.js';
import { Interned } from '../rows/interned.js';

/**
 * Raised by whoever changes what a fold makes of a log or how its rows are kept, so that no
 * snapshot of before is gone on from; `test/timeline/golden-snapshots.test.ts` notices.
 */
const FOLD_VERSION = 11;

/** Equal for two programs that make the same state of the same log, and keep it alike. */
export const foldVersion = `${FOLD_VERSION}.${LEVEL}.${checksum(JSON.stringify(stateLimits))}`;

/** Bounds change seldom and one at a time, so a short checksum tells two sets of them apart. */
function checksum(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return (sum >>> 0).toString(16);
}

/** A mark: sequence and time as doubles, then the digest. */
const MARK_BYTES = 16 + ZERO_DIGEST.length;

/** The whole fold; it must not fold on before the last frame is taken. */
export function* foldFrames(fold: Fold): Generator<Frame> {
  const { sequence, events, malformed, levels, voids } = fold;
  const digest = Buffer.from(fold.digest).toString('hex');
  const said = { sequence, digest, events, malformed, levels: levels.rows };
  yield { name: 'fold', data: JSON.stringify(said) };
  yield { name: 'marks', data: marksFrom(fold.marks.rows) };
  const words = new Interned();
  const reasons = Uint32Array.from(voids.reasons, reason => words.index(reason));
  yield { name: 'voids.words', data: JSON.stringify(words.names) };
  yield { name: 'voids.reasons', data: new Uint8Array(reasons.buffer) };
  yield { name: 'voids.positions', data: bytesOf(Float64Array.from(voids.positions)) };
  yield* tableFrames(fold.table);
}

function marksFrom(rows: FoldStanding['marks']): Uint8Array {
  const bytes = new Uint8Array(rows.length * MARK_BYTES);
  const view = new DataView(bytes.buffer);
  rows.forEach(({ sequence, time, digest }, i) => {
    view.setFloat64(i * MARK_BYTES, sequence);
    view.setFloat64(i * MARK_BYTES + 8, time);
    bytes.set(digest, i * MARK_BYTES + 16);
  });
  return bytes;
}

function marksIn(bytes: Uint8Array): FoldStanding['marks'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / MARK_BYTES }, (_, i) => ({
    sequence: view.getFloat64(i * MARK_BYTES),
    time: view.getFloat64(i * MARK_BYTES + 8),
    digest: Buffer.from(bytes.subarray(i * MARK_BYTES + 16, (i + 1) * MARK_BYTES)),
  }));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Makes a fold of its frames as they come. Throws, sooner or later, on what is none. */
export class FoldReader {
  readonly #table: TableReader;
  #standing: Omit<FoldStanding, 'marks' | 'voids'> | undefined;
  #marks: FoldStanding['marks'] = [];
  #words: string[] = [];
  #reasons = new Uint32Array(0);
  #positions = new Float64Array(0);

  /** `commandIds` is how many command ids it is to remember. */
  constructor(commandIds?: number) {
    this.#table = new TableReader(commandIds);
  }

  take(frame: Frame): void {
    const { name, data } = frame;
    if (typeof data === 'string') this.#takeText(frame, data);
    else if (name === 'marks') this.#marks = marksIn(data);
    // A copy begins where columns of their width may.
    else if (name === 'voids.reasons')
      this.#reasons = new Uint32Array(Uint8Array.from(data).buffer);
    else if (name === 'voids.positions')
      this.#positions = new Float64Array(Uint8Array.from(data).buffer);
    else this.#table.take(frame);
  }

  #takeText(frame: Frame, text: string): void {
    if (frame.name === 'voids.words') this.#words = JSON.parse(text);
    else if (frame.name === 'fold') {
      const said = JSON.parse(text);
      this.#standing = { ...said, digest: Buffer.from(said.digest, 'hex') };
    } else this.#table.take(frame);
  }

  result(): Fold {
    if (this.#standing === undefined) throw new Error('the fold is missing');
    const reasons = Array.from(this.#reasons, index => this.#words[index]!);
    const voids = { positions: [...this.#positions], reasons };
    return Fold.restored({ ...this.#standing, marks: this.#marks, voids }, this.#table.result());
  }
}
