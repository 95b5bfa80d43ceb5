// Finds the numbers in a stream of bytes of any encoding, and notes which came, and in what order.
import type { Faults } from '../programs.js';
import { Ledger, noFaults } from './ledger.js';
import { blank } from './stencil.js';

const MARK = blank.number.charCodeAt(0);
const SIZE = blank.number.length;
const ZERO = 0x30;

/** Texts that `numberedText` made begin with a number, which is found without decoding the rest. */
export class NumberScanner {
  count = 0;
  readonly #first: number;
  readonly #ledger = new Ledger();
  #rest: Buffer | undefined;

  /** The numbers that come are expected to be `first`, `first + 1`, and so on. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Hands on each number that has not come before. */
  scan(piece: Buffer, onNumber?: (number: number) => void): void {
    const bytes = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece]);
    this.#rest = undefined;
    let at = bytes.indexOf(MARK);
    while (at !== -1) {
      if (at + SIZE > bytes.length) {
        this.#rest = Buffer.from(bytes.subarray(at));
        return;
      }
      const number = digitsAt(bytes, at + 1);
      if (number >= this.#first && this.#ledger.note(number - this.#first)) {
        this.count++;
        onNumber?.(number);
      }
      at = bytes.indexOf(MARK, number < 0 ? at + 1 : at + SIZE);
    }
  }

  /** What is wrong when all before `end` has been sent. */
  faults(end: number): Faults {
    const { doubled, reordered } = this.#ledger;
    return { ...noFaults(), lost: this.#ledger.missing(end - this.#first), doubled, reordered };
  }
}

/** -1 when the byte that looked like a mark was none. */
function digitsAt(bytes: Buffer, at: number): number {
  let number = 0;
  for (let i = at; i < at + SIZE - 1; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
