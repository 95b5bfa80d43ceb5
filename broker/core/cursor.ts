// The cursor: a place at the end of a commit that names its log and proves its hash chain.

/** The end of a commit and the rolling digest there. */
export interface Point {
  sequence: number;
  digest: Uint8Array;
}

export interface Cursor {
  log: string;
  sequence: number;
  /** The first hex digits of the rolling digest at the end of that commit. */
  check: string;
}

/** Before the first commit. */
export const origin: Point = { sequence: 0, digest: new Uint8Array(32) };

const checkBytes = 6;
const shape = /^([\w-]{1,128})\.(0|[1-9]\d{0,12})\.([0-9a-f]{12})$/;

/**
 * The first 6 bytes of a digest, as hex: what a cursor carries of the hash chain.
 * https://en.wikipedia.org/wiki/Hash_chain
 */
export function checkOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, checkBytes).toString('hex');
}

/** The cursor at the end of commit `sequence`; opaque to clients. */
export function formatCursor(log: string, sequence: number, digest: Uint8Array): string {
  return `${log}.${sequence}.${checkOf(digest)}`;
}

/** Undefined when the text is no cursor that `formatCursor` made. */
export function parseCursor(text: string): Cursor | undefined {
  const [, log, sequence, check] = shape.exec(text) ?? [];
  if (log === undefined || check === undefined) return undefined;
  return { log, sequence: Number(sequence), check };
}
