// Ids: uuid v7 made by clients, so that they are the idempotency key too; here without any parser.

export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The id of the operator token, which is a file and never an event. */
export const OPERATOR = 'operator';

export type IdPrefix =
  | 'ask'
  | 'msg'
  | 'job'
  | 'sched'
  | 'peer'
  | 'token'
  | 'gateway'
  | 'boot'
  | 'log'
  | 'commit';

/**
 * True for a uuid v7 in lower case with hyphens: one spelling, so that two of one id are never two
 * commands. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function isCommandId(id: string): boolean {
  return UUID_V7.test(id);
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
  return hexAt(uuid, 0, 8) * 0x1_0000 + hexAt(uuid, 9, 13);
}

/** Digit by digit: this runs for every event, and slices and parseInt are many times slower. */
function hexAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    // 0-9 are 48-57, a-f are 97-102.
    value = value * 16 + (code < 58 ? code - 48 : code - 87);
  }
  return value;
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
