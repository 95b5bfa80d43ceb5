// Ids: uuid v7 made by clients, prefixed by the noun they name; they are the idempotency key too.
import { z } from 'zod';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const commandId = z
  .string()
  .regex(UUID_V7, 'must be a lower-case uuid v7')
  .describe('Made by the caller; repeating it repeats the first answer.');
export const peerId = z.string().regex(/^peer_[0-9a-z-]{8,64}$/, 'must be peer_<uuid>');
export const askId = z.string().regex(/^ask_[0-9a-f-]{36}(\.\d{1,4})?$/, 'must be ask_<uuid>');
export const messageId = z.string().regex(/^msg_[0-9a-f-]{36}$/, 'must be msg_<uuid>');
export const tokenId = z.string().regex(/^token_[0-9a-z-]{8,64}$/, 'must be token_<uuid>');
/** Anything a person may trace: an ask or a message. */
export const ref = z
  .string()
  .regex(/^(ask|msg)_[0-9a-f-]{36}(\.\d{1,4})?$/, 'must be ask_… or msg_…');

/** The id of the operator token, which is a file and never an event. */
export const OPERATOR = 'operator';

export type IdPrefix = 'ask' | 'msg' | 'peer' | 'token' | 'gateway' | 'boot' | 'log' | 'commit';

export function isCommandId(id: string): boolean {
  return UUID_V7.test(id);
}

/** The name of what a command creates. */
export function named(prefix: IdPrefix, uuid: string): string {
  return `${prefix}_${uuid}`;
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

/** A uuid v7 from a time in ms UTC and ten random bytes. */
export function makeUuid(time: number, random: Uint8Array): string {
  const high = hex(Math.floor(time / 0x1_0000), 8);
  const low = hex(time % 0x1_0000, 4);
  const a = hex(0x7000 | (((random[0] ?? 0) << 4) & 0xff0) | ((random[1] ?? 0) & 0xf), 4);
  const b = hex(0x8000 | (((random[2] ?? 0) << 8) & 0x3f00) | (random[3] ?? 0), 4);
  let tail = '';
  for (let i = 4; i < 10; i++) tail += hex(random[i] ?? 0, 2);
  return `${high}-${low}-${a}-${b}-${tail}`;
}
