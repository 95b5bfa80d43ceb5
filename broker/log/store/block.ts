// Block files of the store: their records, past damages; what a checksum vouches for is found.
import { createHash } from 'node:crypto';
import { Highway } from './highway.js';
import { recordAt, recordBetween, type Seal, type StoredRecord, startsAfter } from './record.js';

/** Bytes in which no record can be read. */
export interface Gap {
  from: number;
  to: number;
}

/** A text that quotes the subject looks like a beginning: so many are tried as ends of one. */
const ENDS_TRIED = 8;

/** The seal of one block: its checksums are keyed with the names of stream and block. */
export function sealOf(stream: string, block: number, subject: string): Seal {
  const key = createHash('sha256').update(`${stream}-${block}`).digest();
  return { subject: Buffer.from(subject), hash: new Highway(key) };
}

/** The records from a place on, up to the first that is not exactly as nats-server writes it. */
export function* exactRecords(
  bytes: Buffer,
  seal: Seal,
  from = 0,
): Generator<StoredRecord, number> {
  let at = from;
  while (at < bytes.length) {
    const record = recordAt(bytes, at, seal);
    if (record === undefined || !record.isExact) return at;
    yield record;
    at = record.end;
  }
  return at;
}

/** Every record that can be read, and the gaps between them. */
export function* readableRecords(bytes: Buffer, seal: Seal): Generator<StoredRecord | Gap, void> {
  let at = 0;
  while (at < bytes.length) {
    const found = recordAt(bytes, at, seal) ?? recordFrom(bytes, at, seal);
    if (found !== undefined) {
      yield found;
      at = found.end;
      continue;
    }
    const to = nextStart(bytes, at, seal);
    yield { from: at, to };
    at = to;
  }
}

/** True where no record could be read. */
export function isGap(found: StoredRecord | Gap): found is Gap {
  return 'from' in found;
}

/** The record at `at` whose length is damaged: it ends where another begins. */
function recordFrom(bytes: Buffer, at: number, seal: Seal): StoredRecord | undefined {
  let tries = 0;
  for (const end of ends(bytes, at, seal)) {
    const record = end > at + 30 ? recordBetween(bytes, at, end, seal) : undefined;
    if (record !== undefined) return record;
    tries++;
    if (tries === ENDS_TRIED) break;
  }
  return undefined;
}

function* ends(bytes: Buffer, at: number, seal: Seal): Iterable<number> {
  yield* startsAfter(bytes, at + 1, seal);
  yield bytes.length;
}

/** Where the next readable record begins; the end of the bytes when there is none. */
function nextStart(bytes: Buffer, at: number, seal: Seal): number {
  for (const start of startsAfter(bytes, at + 1, seal)) {
    if (recordAt(bytes, start, seal) ?? recordFrom(bytes, start, seal)) return start;
  }
  return bytes.length;
}
