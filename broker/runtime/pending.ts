// The commands on their way through the log, and who waits for the answer of each.
import type { Asked } from '../core/answer.js';
import type { Answer } from '../core/words.js';

export interface Flying {
  asked: Asked;
  /** Whose id memory it belongs to. */
  by: string;
  /** Monotonic ms at which it was proposed. */
  since: number;
  /** The job it claims: a second claim here had better look for another. */
  claims?: string | undefined;
  waiters: ((answer: Answer) => void)[];
}

export class Pending {
  private readonly rows = new Map<string, Flying>();
  /** The jobs that are being claimed. */
  readonly claimed = new Set<string>();

  get(id: string): Flying | undefined {
    return this.rows.get(id);
  }

  add(row: Flying): void {
    this.rows.set(row.asked.id, row);
    if (row.claims !== undefined) this.claimed.add(row.claims);
  }

  /** Takes out the command of a folded or refused event; undefined when nobody here waits. */
  take(id: string): Flying | undefined {
    const row = this.rows.get(id);
    if (row !== undefined) this.forget(row);
    return row;
  }

  /** Takes out those proposed before a moment: the oldest stand first. */
  takeBefore(moment: number): Flying[] {
    const late: Flying[] = [];
    for (const row of this.rows.values()) {
      if (row.since >= moment) break;
      late.push(row);
    }
    for (const row of late) this.forget(row);
    return late;
  }

  private forget({ asked, claims }: Flying): void {
    this.rows.delete(asked.id);
    if (claims !== undefined) this.claimed.delete(claims);
  }
}

export function answerAll({ waiters }: Flying, answer: Answer): void {
  for (const done of waiters) done(answer);
}
