// A client of the bench that calls and waits for each answer, many at once (pipelining).
import { pack, unpack } from '../../schemas/codec.js';
import { dial, type Socket } from '../wire.js';

/** Calls under way at once. */
const WINDOW = 256;

interface Answer {
  id: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

export class Caller {
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #socket: Socket | undefined;
  #count = 0;

  /** Throws when it is not let in. */
  static async open(ws: string, token: string): Promise<Caller> {
    const caller = new Caller();
    caller.#socket = await dial(ws, token, frame => {
      const said = unpack(frame) as Answer | Answer[];
      for (const answer of [said].flat()) {
        caller.#waiting.get(answer.id)?.(answer);
        caller.#waiting.delete(answer.id);
      }
    });
    return caller;
  }

  /** Rejects with what a refusal says. */
  async call(method: string, params: object): Promise<Record<string, unknown>> {
    const id = ++this.#count;
    const answer = await new Promise<Answer>(resolve => {
      this.#waiting.set(id, resolve);
      this.#socket!.send(pack({ jsonrpc: '2.0', id, method, params }));
    });
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  /** The same for each, in their order, with no more under way than the host likes. */
  async callAll(method: string, all: readonly object[]): Promise<Record<string, unknown>[]> {
    const results: Record<string, unknown>[] = [];
    for (let at = 0; at < all.length; at += WINDOW) {
      const some = all.slice(at, at + WINDOW).map(params => this.call(method, params));
      results.push(...(await Promise.all(some)));
    }
    return results;
  }

  close(): void {
    this.#socket?.close();
  }
}
