// The heads of msgpack values by hand, where packed values are joined without being decoded.
// The bytes: https://github.com/msgpack/msgpack/blob/master/spec.md

/** The one byte of nil. */
export const NIL = 0xc0;
const WORD = 0xffff_ffff;
/** What `writeNumber` writes at most. */
export const numberBytes = 9;
const double = new DataView(new ArrayBuffer(8));

/** The bytes of the head of an array or a map of so many. */
export function headBytes(count: number): number {
  if (count < 16) return 1;
  return count <= 0xffff ? 3 : 5;
}

/** Writes the head of an array of `count` values; returns the place after it. */
export function writeArrayHead(bytes: Uint8Array, at: number, count: number): number {
  return writeHead(bytes, at, count, 0x90, 0xdc);
}

/** Writes the head of a map of `count` keys; returns the place after it. */
export function writeMapHead(bytes: Uint8Array, at: number, count: number): number {
  return writeHead(bytes, at, count, 0x80, 0xde);
}

function writeHead(bytes: Uint8Array, at: number, count: number, short: number, wide: number) {
  if (count < 16) {
    bytes[at] = short | count;
    return at + 1;
  }
  if (count > 0xffff) {
    bytes[at] = wide + 1;
    return writeWord(bytes, at + 1, count);
  }
  bytes[at] = wide;
  bytes[at + 1] = count >>> 8;
  bytes[at + 2] = count;
  return at + 3;
}

/**
 * Writes a number that is not negative; returns the place after it. Whole ones as uint32 while they
 * fit, so that no reader sees a float without need.
 */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value <= WORD) {
    bytes[at] = 0xce;
    return writeWord(bytes, at + 1, value);
  }
  bytes[at] = 0xcb;
  double.setFloat64(0, value);
  for (let i = 0; i < 8; i++) bytes[at + 1 + i] = double.getUint8(i);
  return at + numberBytes;
}

function writeWord(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

/** A big-endian length of `size` bytes; beyond every frame when the bytes end before it. */
export function lengthAt(bytes: Uint8Array, at: number, size: number): number {
  if (at + size > bytes.length) return Number.MAX_SAFE_INTEGER;
  let length = 0;
  for (let i = at; i < at + size; i++) length = length * 256 + (bytes[i] as number);
  return length;
}

/** True for the first byte of a text or a number. */
export function isScalarHead(first: number): boolean {
  const isFixed = first < 0x80 || first >= 0xe0 || (first >= 0xa0 && first < 0xc0);
  return isFixed || (first >= 0xca && first <= 0xd3) || (first >= 0xd9 && first <= 0xdb);
}
