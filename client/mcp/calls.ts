// The calls of a client by the ids of its requests: which run, and which it has given up.
import { clientLimits as limits } from '../../schemas/limits-client.js';

/** The id of a request, as JSON-RPC has it (https://www.jsonrpc.org/specification). */
export type RequestId = string | number;

interface Call {
  end: AbortController;
  isRunning: boolean;
}

/**
 * A client that gave up may say so while the answer is already on its way, which it then passes
 * over: the last answered calls are known for that.
 */
export class ClientCalls {
  readonly #calls = new Map<RequestId, Call>();

  /** Begins a call; its signal aborts when the client gives it up, be it answered or not. */
  begin(id: RequestId): AbortSignal {
    const end = new AbortController();
    this.#calls.delete(id);
    this.#calls.set(id, { end, isRunning: true });
    return end.signal;
  }

  /** It is answered. */
  ends(id: RequestId): void {
    const call = this.#calls.get(id);
    if (call !== undefined) call.isRunning = false;
    for (const [each, { isRunning }] of this.#calls) {
      if (this.#calls.size <= limits.mcp_calls_items) return;
      if (!isRunning) this.#calls.delete(each);
    }
  }

  /**
   * The client has given it up. Once it is answered only a time-out counts: OpenCode cancels every
   * call after it has had the answer. True for one that runs, or is not known here.
   */
  cancel(id: RequestId, reason: unknown): boolean {
    const call = this.#calls.get(id);
    const isRunning = call?.isRunning ?? true;
    if (isRunning || /time/i.test(`${reason}`)) call?.end.abort();
    return isRunning;
  }

  /** The first id in a body that another request has just now, in it or under way. */
  repeated(body: unknown): RequestId | undefined {
    const ids = new Set<unknown>();
    for (const message of Array.isArray(body) ? body : [body]) {
      if (typeof message !== 'object' || message === null || !('method' in message)) continue;
      const { id } = message as { id?: RequestId };
      if (id === undefined) continue;
      if (ids.has(id) || this.#calls.get(id)?.isRunning) return id;
      ids.add(id);
    }
    return undefined;
  }
}
