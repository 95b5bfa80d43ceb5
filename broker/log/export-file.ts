// The file of an export, read line by line and verified without any broker.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { limits } from '../../schemas/limits.js';
import { ExportReader, type ExportReport } from '../core/audit/export-reader.js';
import type { Delivery } from '../core/words.js';

export interface FileReading {
  /** Public keys from outside, hex. */
  keys?: readonly string[];
  /** Each commit whose bytes are in the export, in order. */
  onCommit?(commit: Delivery): void;
  /** After each piece of the file, before the next is read. */
  onPiece?(read: { bytes: number; of: number }): Promise<void> | void;
}

/**
 * What is in the file, up to the first line that is wrong. Rejects with what the system says when
 * it cannot be read. Holds one line in memory.
 */
export async function verifyExportFile(
  path: string,
  { keys, onCommit, onPiece }: FileReading = {},
): Promise<ExportReport> {
  const reader = new ExportReader(keys, onCommit);
  const of = (await stat(path)).size;
  let bytes = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    let at = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, at)) {
      const line = Buffer.concat([...rest, piece.subarray(at, end)]);
      [rest, restBytes, at] = [[], 0, end + 1];
      if (!reader.take(line)) return reader.report();
    }
    rest.push(piece.subarray(at));
    restBytes += piece.length - at;
    // No line that a broker writes is as long; what is none is not read into memory.
    if (restBytes > limits.export_line_bytes) return reader.end(false);
    await onPiece?.({ bytes, of });
  }
  return reader.end(restBytes === 0);
}
