// A gate before native code that must not be interrupted: no thread is ended while inside it.
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';

/** Set once the gate is shut; the bits below count who is inside. */
const SHUT = 1 << 30;

/**
 * To end a thread (by `terminate`, or as the process or the thread above it exits) interrupts what
 * runs there. A native call that is interrupted cannot make its result, and libsql's binding then
 * aborts the process. So a thread passes this gate for each native call, and whoever ends it shuts
 * the gate first: who is inside comes out, nobody enters. It is one word of shared memory, for as
 * many threads as end together.
 * https://en.wikipedia.org/wiki/Readers%E2%80%93writer_lock
 */
export class NativeGate {
  readonly shared: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#word = new Int32Array(shared);
  }

  /** Does the work inside, which must not pass again. Once the gate is shut it never returns. */
  pass<T>(work: () => T): T {
    if (Atomics.add(this.#word, 0, 1) >= SHUT) this.#stay();
    try {
      return work();
    } finally {
      this.#leave();
    }
  }

  /** Lets nobody in any more; true when nobody is inside. */
  shut(): boolean {
    Atomics.or(this.#word, 0, SHUT);
    return Atomics.load(this.#word, 0) === SHUT;
  }

  /** The same, and holds this thread until nobody is inside. */
  shutAndWait(): void {
    while (!this.shut())
      Atomics.wait(this.#word, 0, Atomics.load(this.#word, 0), limits.gate_look_ms);
  }

  /** The same without holding it; false when somebody is still inside after `ms`. */
  async shutWithin(ms: number): Promise<boolean> {
    for (let left = ms; !this.shut(); left -= limits.gate_look_ms) {
      if (left <= 0) return false;
      await pause(limits.gate_look_ms);
    }
    return true;
  }

  /** Until it is interrupted, which hurts nobody here. */
  #stay(): never {
    this.#leave();
    for (;;) Atomics.wait(this.#word, 0, Atomics.load(this.#word, 0));
  }

  #leave(): void {
    if (Atomics.sub(this.#word, 0, 1) > SHUT) Atomics.notify(this.#word, 0);
  }
}

let own = new NativeGate();
const atExit: NativeGate[] = [];

/** The gate of this thread. */
export function threadGate(): NativeGate {
  return own;
}

/** Called first in a thread that was given a gate by whoever may end it. */
export function joinGate(shared: SharedArrayBuffer): void {
  own = new NativeGate(shared);
}

/**
 * Shuts the gate when this thread exits, in whatever way: its end interrupts the threads that it
 * started, and waits for their native calls in any case. Returns what forgets it.
 */
export function shutAtExit(gate: NativeGate): () => void {
  if (atExit.length === 0) process.on('exit', shutAll);
  atExit.push(gate);
  return () => {
    const at = atExit.indexOf(gate);
    if (at >= 0) atExit.splice(at, 1);
    if (atExit.length === 0) process.off('exit', shutAll);
  };
}

function shutAll(): void {
  for (const gate of atExit) gate.shutAndWait();
}
