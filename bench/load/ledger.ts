// Who was sent the numbers 0, 1, 2, … notes here which came: what is lost, doubled, out of order.
import type { Faults } from '../programs.js';

export class Ledger {
  doubled = 0;
  reordered = 0;
  /** All below this have come. */
  private next = 0;
  private highest = -1;
  private readonly ahead = new Set<number>();

  /** False for a number that has come before. */
  note(number: number): boolean {
    if (number < this.next || this.ahead.has(number)) {
      this.doubled++;
      return false;
    }
    if (number < this.highest) this.reordered++;
    else this.highest = number;
    if (number > this.next) this.ahead.add(number);
    else this.next++;
    while (this.ahead.delete(this.next)) this.next++;
    return true;
  }

  /** How many of the first `sent` numbers have not come. */
  missing(sent: number): number {
    return sent - this.next - this.ahead.size;
  }
}

export function noFaults(): Faults {
  return { refused: 0, lost: 0, doubled: 0, reordered: 0 };
}

export function addFaults(a: Faults, b: Faults): Faults {
  return {
    refused: a.refused + b.refused,
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    reordered: a.reordered + b.reordered,
  };
}
