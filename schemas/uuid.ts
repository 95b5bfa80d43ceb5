// Ids: uuid v7 made by clients, so that they are the idempotency key too; here without any parser.

export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The id of the operator token, which is a file and never an event. */
export const OPERATOR = 'operator';

export type IdPrefix =
  | 'ask'
  | 'msg'
  | 'job'
  | 'sched'
  | 'lease'
  | 'watch'
  | 'peer'
  | 'token'
  | 'handover'
  | 'webhook'
  | 'dead'
  | 'gateway'
  | 'boot'
  | 'log'
  | 'commit';

/**
 * True for a uuid v7 in lower case with hyphens: one spelling, so that two of one id are never two
 * commands. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function isCommandId(id: string): boolean {
  const bits = wordsOf(id);
  return isSpelled && (bits[1]! & 0xf000) === 0x7000 && bits[2]! >>> 30 === 2;
}

const HYPHEN = 45;
const NO_DIGIT = 0x10;
/** Of a uuid as it is written. */
const LENGTH = 36;
const words = new Uint32Array(4);
/** What a code unit below 128 is as a digit: those of numbers in lower case alone. */
const digitOf = new Uint8Array(128).fill(NO_DIGIT);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  digitOf[digit.charCodeAt(0)] = value;
}
/** Which id the words are of, and whether it has digits and hyphens just where a uuid has them. */
let spelled = '';
let isSpelled = false;

/**
 * The 128 bits of a uuid, as four words that stand until the next call. A fold asks for those of
 * one event several times, one after the other. What is no uuid has some words, too.
 */
export function wordsOf(uuid: string): Uint32Array {
  if (uuid === spelled) return words;
  spelled = uuid;
  if (uuid.length !== LENGTH) words.fill(0);
  let word = 0;
  let digits = 0;
  let seen = uuid.length === LENGTH ? 0 : NO_DIGIT;
  for (let i = 0; i < uuid.length; i++) {
    const code = uuid.charCodeAt(i);
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (code !== HYPHEN) seen = NO_DIGIT;
      continue;
    }
    const digit = code < 128 ? digitOf[code]! : NO_DIGIT;
    seen |= digit;
    word = (word << 4) | digit;
    if ((++digits & 7) === 0) words[(digits >> 3) - 1] = word;
  }
  isSpelled = seen < NO_DIGIT;
  return words;
}

/** The id of what a command creates, made of the command's own: a repeat names the same thing. */
export function named<P extends IdPrefix>(prefix: P, uuid: string): `${P}_${string}` {
  return `${prefix}_${uuid}`;
}

/** The id of the n-th ask of a fan-out, counted from 0 here and from 1 on the wire. */
export function askIn(group: string, n: number): string {
  return `${group}.${n + 1}`;
}

/** The moment a uuid v7 was made, in ms UTC. The id must have passed `commandId`. */
export function idTime(uuid: string): number {
  const bits = wordsOf(uuid);
  return bits[0]! * 0x1_0000 + (bits[1]! >>> 16);
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/**
 * A uuid v7 from a time in ms UTC and ten random bytes.
 * https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function makeUuid(time: number, random: Uint8Array): string {
  const high = hex(Math.floor(time / 0x1_0000), 8);
  const low = hex(time % 0x1_0000, 4);
  const a = hex(0x7000 | (((random[0] ?? 0) << 4) & 0xff0) | ((random[1] ?? 0) & 0xf), 4);
  const b = hex(0x8000 | (((random[2] ?? 0) << 8) & 0x3f00) | (random[3] ?? 0), 4);
  let tail = '';
  for (let i = 4; i < 10; i++) tail += hex(random[i] ?? 0, 2);
  return `${high}-${low}-${a}-${b}-${tail}`;
}
