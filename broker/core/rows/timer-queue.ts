// A timer queue: when each of many things is due, the next one at hand, none taken out unasked.

interface Entry {
  at: number;
  key: string;
}

/**
 * A binary heap over a map, with lazy deletion: an entry whose time has moved stays until it comes
 * to the top. https://en.wikipedia.org/wiki/Binary_heap
 */
export class TimerQueue {
  readonly #times = new Map<string, number>();
  #heap: Entry[] = [];

  /** Notes when the thing is due, in ms UTC, in place of what was noted before. */
  set(key: string, at: number): void {
    if (this.#times.get(key) === at) return;
    this.#times.set(key, at);
    this.#push({ at, key });
    this.#trim();
  }

  /** The thing is due no more. */
  delete(key: string): void {
    if (this.#times.delete(key)) this.#trim();
  }

  at(key: string): number | undefined {
    return this.#times.get(key);
  }

  /** How many things stand in it. */
  get size(): number {
    return this.#times.size;
  }

  /** When the next thing is due; undefined when none is. */
  next(): number | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#stands(top)) return top.at;
      this.#pop();
    }
    return undefined;
  }

  /** Up to `max` keys due at `now` or before, by time and then key; none is taken out. */
  due(now: number, max: number): string[] {
    if ((this.next() ?? Number.POSITIVE_INFINITY) > now) return [];
    const found: Entry[] = [];
    const taken: Entry[] = [];
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      this.#pop();
      if (!this.#stands(top) || found.at(-1)?.key === top.key) continue;
      found.push(top);
      taken.push(top);
      if (found.length === max) break;
    }
    for (const entry of taken) this.#push(entry);
    return found.map(({ key }) => key);
  }

  #stands({ at, key }: Entry): boolean {
    return this.#times.get(key) === at;
  }

  /** How many entries the heap holds, those that have moved or gone included. */
  get heapSize(): number {
    return this.#heap.length;
  }

  /** A heap of mostly what is gone is made anew, so that it never outgrows what it stands for. */
  #trim(): void {
    if (this.#heap.length <= 64 || this.#heap.length <= 4 * this.#times.size) return;
    const entries = [...this.#times];
    this.#heap = [];
    for (const [key, at] of entries) this.#push({ at, key });
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!isBefore(entry, heap[up]!)) break;
      heap[i] = heap[up]!;
      i = up;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.key < b.key);
}
