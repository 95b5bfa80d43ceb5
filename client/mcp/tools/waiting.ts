// Waiting in slices: each is short enough to report progress, and to end soon when nobody listens.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { ToolCall } from '../tool.js';

/**
 * The lengths of the waits that make up `wait_s`, in seconds; before each the client is told how
 * far it is, in numbers that grow. Ends early for a client that has given up.
 */
export async function* waitSlices(
  { progress, signal }: Pick<ToolCall, 'progress' | 'signal'>,
  wait_s: number,
  what: string,
): AsyncGenerator<number> {
  const end = performance.now() + wait_s * 1_000;
  for (let n = 0; ; n++) {
    const left_s = (end - performance.now()) / 1_000;
    if (signal.aborted || left_s <= limits.mcp_slice_least_s) return;
    progress(n * limits.mcp_slice_s, Math.ceil(wait_s), what);
    yield Math.min(left_s, limits.mcp_slice_s);
  }
}
