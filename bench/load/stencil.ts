// Calls packed once; each copy differs only in its numbers and ids, so that sending costs little.
import { pack } from '../../schemas/codec.js';

/** What stands in a call where a copy gets its own. Each is found once in the packed bytes. */
export const blank = {
  call: 0xfedc_ba98,
  id: '00000000-0000-7000-8000-00000000000a',
  ask: '00000000-0000-7000-8000-00000000000b',
  number: '#000000000',
  position: 1_234_567.890_625,
} as const;

export interface Fill {
  call: number;
  id: string;
  ask?: string;
  number?: number;
  position?: number;
}

/** A number within a text: a mark, by which it is found in any encoding, and digits. */
const DIGITS = blank.number.length;

export class Stencil {
  private readonly bytes: Buffer;
  private readonly at: Record<keyof typeof blank, number>;

  constructor(call: object) {
    this.bytes = Buffer.from(pack(call));
    const find = (value: unknown) => this.bytes.indexOf(pack(value));
    const text = (value: string) => this.bytes.indexOf(value, 0, 'latin1');
    this.at = {
      call: find(blank.call) + 1,
      position: find(blank.position) + 1,
      id: text(blank.id),
      ask: text(blank.ask),
      number: text(blank.number),
    };
  }

  get size(): number {
    return this.bytes.length;
  }

  cut({ call, id, ask, number, position }: Fill): Buffer {
    const copy = Buffer.from(this.bytes);
    copy.writeUInt32BE(call, this.at.call);
    copy.write(id, this.at.id, 'latin1');
    if (ask !== undefined) copy.write(ask, this.at.ask, 'latin1');
    if (number !== undefined) copy.write(digits(number), this.at.number, 'latin1');
    if (position !== undefined) copy.writeDoubleBE(position, this.at.position);
    return copy;
  }
}

/** A text of `bytes` that begins with a number to be filled in. */
export function numberedText(bytes: number): string {
  return blank.number.padEnd(bytes, '.');
}

/** The text with its number filled in. */
export function withNumber(text: string, number: number): string {
  return digits(number) + text.slice(DIGITS);
}

export function numberOf(text: string): number {
  return Number(text.slice(1, DIGITS));
}

function digits(number: number): string {
  return `#${String(number).padStart(DIGITS - 1, '0')}`;
}
