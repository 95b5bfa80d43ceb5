// A scanner of msgpack: finds its way by lengths alone, at any depth, and looks at no value.
import { lengthAt } from './msgpack-heads.js';

/** Where a value begins and ends. */
export interface Span {
  from: number;
  to: number;
}

const ARRAY = 1;
const MAP = 2;

/** A head: its own bytes and those that follow it, and how many values it holds. */
interface Head {
  bytes: number;
  values: number;
  kind: 0 | typeof ARRAY | typeof MAP;
}

/** Bytes of lengths and values by the first byte, for those that have no pattern. */
const FIXED: Readonly<Record<number, number>> = {
  192: 1,
  194: 1,
  195: 1,
  202: 5,
  203: 9,
  204: 2,
  205: 3,
  206: 5,
  207: 9,
  208: 2,
  209: 3,
  210: 5,
  211: 9,
  212: 3,
  213: 4,
  214: 6,
  215: 10,
  216: 18,
};
/** `[bytes of the length, bytes beside it]` of texts, bytes and extensions. */
const SIZED: Readonly<Record<number, readonly [number, number]>> = {
  196: [1, 0],
  197: [2, 0],
  198: [4, 0],
  199: [1, 1],
  200: [2, 1],
  201: [4, 1],
  217: [1, 0],
  218: [2, 0],
  219: [4, 0],
};

/** Undefined when the byte begins no value, or its length is cut off. */
function headAt(bytes: Uint8Array, at: number): Head | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80 || first >= 0xe0) return { bytes: 1, values: 0, kind: 0 };
  if (first < 0x90) return { bytes: 1, values: 2 * (first & 0x0f), kind: MAP };
  if (first < 0xa0) return { bytes: 1, values: first & 0x0f, kind: ARRAY };
  if (first < 0xc0) return { bytes: 1 + (first & 0x1f), values: 0, kind: 0 };
  const fixed = FIXED[first];
  if (fixed !== undefined) return { bytes: fixed, values: 0, kind: 0 };
  const sized = SIZED[first];
  if (sized !== undefined) {
    const length = lengthAt(bytes, at + 1, sized[0]);
    return { bytes: 1 + sized[0] + sized[1] + length, values: 0, kind: 0 };
  }
  if (first < 0xdc) return undefined;
  const size = first === 0xdc || first === 0xde ? 2 : 4;
  const count = lengthAt(bytes, at + 1, size);
  const isMap = first >= 0xde;
  return { bytes: 1 + size, values: isMap ? 2 * count : count, kind: isMap ? MAP : ARRAY };
}

/** The place after the value at `from`; undefined when the bytes end before it does. */
function endOf(bytes: Uint8Array, from: number): number | undefined {
  let at = from;
  for (let open = 1; open > 0; open--) {
    const head = headAt(bytes, at);
    if (head === undefined || at + head.bytes > bytes.length) return undefined;
    at += head.bytes;
    open += head.values;
    // Every value takes a byte at least, so a count beyond the rest is a lie.
    if (open - 1 > bytes.length - at) return undefined;
  }
  return at;
}

/** True when the bytes are exactly one value, plain or not. */
export function isWhole(bytes: Uint8Array): boolean {
  return endOf(bytes, 0) === bytes.length;
}

/** The values of an array; undefined when the bytes are something else. They must be whole. */
export function itemsOf(bytes: Uint8Array): Span[] | undefined {
  return partsOf(bytes, ARRAY);
}

/** Keys and values of a map by turns; undefined when the bytes are something else. */
export function fieldsOf(bytes: Uint8Array): Span[] | undefined {
  return partsOf(bytes, MAP);
}

function partsOf(bytes: Uint8Array, kind: Head['kind']): Span[] | undefined {
  const head = headAt(bytes, 0);
  if (head?.kind !== kind) return undefined;
  const spans: Span[] = [];
  let from = head.bytes;
  for (let i = 0; i < head.values; i++) {
    const to = endOf(bytes, from);
    if (to === undefined) return undefined;
    spans.push({ from, to });
    from = to;
  }
  return spans;
}
