// The commands on their way through the log, and who waits for the answer of each.
import type { Asked } from './answer.js';
import type { Answer } from './door.js';

export interface Flying {
  asked: Asked;
  /** Whose id memory it belongs to. */
  by: string;
  /** Monotonic ms at which it was proposed. */
  since: number;
  waiters: ((answer: Answer) => void)[];
}

export class Pending {
  private readonly rows = new Map<string, Flying>();

  get(id: string): Flying | undefined {
    return this.rows.get(id);
  }

  add(row: Flying): void {
    this.rows.set(row.asked.id, row);
  }

  /** Takes out the command of a folded or refused event; undefined when nobody here waits. */
  take(id: string): Flying | undefined {
    const row = this.rows.get(id);
    if (row !== undefined) this.rows.delete(id);
    return row;
  }

  /** Takes out those proposed before a moment: the oldest stand first. */
  takeBefore(moment: number): Flying[] {
    const late: Flying[] = [];
    for (const row of this.rows.values()) {
      if (row.since >= moment) break;
      late.push(row);
    }
    for (const { asked } of late) this.rows.delete(asked.id);
    return late;
  }
}

export function answerAll({ waiters }: Flying, answer: Answer): void {
  for (const done of waiters) done(answer);
}
