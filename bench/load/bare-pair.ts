// Two sockets over a floor that only forwards: frames as long as a pair's, and nothing decoded.
import type { Faults, Target } from '../programs.js';
import { dial, type Socket } from '../wire.js';
import { Ledger, noFaults } from './ledger.js';

export interface BarePairParts {
  target: Target;
  onReply(number: number): void;
}

/** About what the rest of a packed call takes. */
const CALL_BYTES = 130;
const NUMBER_AT = 0;

export class BarePair {
  asked = 0;
  private readonly parts: BarePairParts;
  private readonly ledger = new Ledger();
  private readonly size: number;
  private asker: Socket | undefined;
  private answerer: Socket | undefined;

  constructor(parts: BarePairParts) {
    this.parts = parts;
    this.size = parts.target.text_bytes + CALL_BYTES;
  }

  get frameBytes(): number[] {
    return [this.size, this.size];
  }

  async connect(): Promise<void> {
    const { ws, token } = this.parts.target;
    this.asker = await dial(ws, token, frame => {
      const number = frame.readUInt32BE(NUMBER_AT);
      if (this.ledger.note(number)) this.parts.onReply(number);
    });
    this.answerer = await dial(ws, token, frame => this.answerer?.send(frame));
  }

  open(): void {
    const frame = Buffer.alloc(this.size);
    frame.writeUInt32BE(this.asked++, NUMBER_AT);
    this.asker?.send(frame);
  }

  /** Each ask has left already. */
  flush(): void {}

  faults(): Faults {
    const { doubled, reordered } = this.ledger;
    return { ...noFaults(), lost: this.ledger.missing(this.asked), doubled, reordered };
  }

  disconnect(): void {
    this.asker?.close();
    this.answerer?.close();
  }
}
