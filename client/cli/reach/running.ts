// Whether the broker that an endpoint file names still runs, and is the one that wrote it.
import { limits } from '../../../schemas/limits.js';
import { type Endpoint, readEndpoint } from './endpoint.js';
import { getPlainly } from './http.js';
import { commandOf } from './process.js';

export type Running =
  | { state: 'none' }
  /** It ended without tidying up. */
  | { state: 'dead'; endpoint: Endpoint }
  | { state: 'alive'; endpoint: Endpoint };

/** The broker of a data directory, if one has left its endpoint there. */
export async function runningIn(dataDir: string | undefined): Promise<Running> {
  const endpoint = dataDir === undefined ? undefined : await readEndpoint(dataDir);
  if (endpoint === undefined) return { state: 'none' };
  // In a container the next broker often has the number of the last one.
  const isMe = endpoint.pid === process.pid;
  const command = isMe ? undefined : await commandOf(endpoint.pid);
  if (command === undefined) return { state: 'dead', endpoint };
  // The number may have gone to another process since; only a broker answers or is called so.
  const isBroker = /\bup\b/.test(command) && /signalbox|cli\/main/.test(command);
  const isOurs = isBroker || (await answers(endpoint.url));
  return { state: isOurs ? 'alive' : 'dead', endpoint };
}

/** True when a broker at the address says that it lives. */
export async function answers(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(limits.cli_probe_ms);
    const { status, text } = await getPlainly(`${url}/livez`, { headers: {}, signal });
    return status === 200 && (await text()).trim() === 'alive';
  } catch {
    return false;
  }
}
