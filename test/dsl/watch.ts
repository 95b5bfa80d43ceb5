// One who observes the log through a Guest: keeps every record, and sees each gap or repeat.
import { type Fields, type Guest, HungUp } from './raw-client.js';

export type Line = [position: number, time: number, event: Fields, reason?: string];

interface Frame {
  subscription: string;
  after: string;
  to: string;
  live: boolean;
  records: Line[];
}

export class Watch {
  readonly lines: Line[] = [];
  /** Where to go on later; undefined before the first frame. */
  cursor: string | undefined;
  isLive = false;
  private readonly wakers = new Set<() => void>();

  /** Begins where this watch stands, or at `from`, on the connection of a guest. */
  async follow(guest: Guest, from: unknown = 'start', filter?: Fields): Promise<void> {
    let subscription: unknown;
    const early: Frame[] = [];
    this.isLive = false;
    guest.listen((method, params) => {
      const frame = params as unknown as Frame;
      if (method !== 'log.records') return;
      if (subscription === undefined) early.push(frame);
      else if (frame.subscription === subscription) this.take(frame);
    });
    const params = { from: this.cursor ?? from, ...(filter && { filter }) };
    subscription = (await guest.call('log.observe', params)).subscription;
    for (const frame of early) if (frame.subscription === subscription) this.take(frame);
  }

  /** Resolves once the condition holds, looked at after every frame. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>(resolve => {
        const wake = () => {
          this.wakers.delete(wake);
          resolve();
        };
        this.wakers.add(wake);
      });
    }
  }

  /** The first record that fits, seen already or yet to come. */
  async line(fits: (event: Fields, line: Line) => boolean): Promise<Line> {
    let found: Line | undefined;
    await this.until(() => {
      found = this.lines.find(line => fits(line[2], line));
      return found !== undefined;
    });
    return found!;
  }

  private take({ after, to, live, records }: Frame): void {
    if (this.cursor !== undefined && after !== this.cursor) {
      throw new Error(`a gap: a frame begins after ${after}, the last one ended at ${this.cursor}`);
    }
    this.cursor = to;
    this.isLive = live;
    for (const line of records) {
      if (line[0] <= (this.lines.at(-1)?.[0] ?? -1)) throw new Error(`${line[0]} came again`);
      this.lines.push(line);
    }
    for (const wake of [...this.wakers]) wake();
  }
}

/** Everything in the log up to its head. Rejects when the connection does not last so long. */
export async function readLog(guest: Guest): Promise<Line[]> {
  const watch = new Watch();
  await watch.follow(guest);
  const cut = guest.closed.then(() => {
    throw new HungUp('the log was not read to its head');
  });
  await Promise.race([watch.until(() => watch.isLive), cut]);
  return watch.lines;
}
