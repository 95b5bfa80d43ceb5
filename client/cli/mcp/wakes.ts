// Who wakes the idle session of a runtime: what this server is attached for pokes it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MeshLine } from '../../mcp/line.js';
import { type Poke, Waker } from '../../mcp/waker.js';
import { noteWaker, writeSignal } from '../hook/session-files.js';
import type { Runtime } from '../reach/runtime.js';
import { findQueue } from './codex-queue.js';

/** Where what hooks and this server of a session leave for each other lies. */
export interface WakeSeat {
  room: string;
  peer: string;
}

/** How the sessions of runtimes are poked; others are not. */
const pokes: Readonly<Record<string, PokeMaker>> = {
  'Claude Code': async (_, seat) => ({
    isDear: false,
    wake: async again => writeSignal(seat.room, seat.peer, again),
  }),
  Codex: async ({ session }, { room, peer }, env) => {
    const queue = session === undefined ? undefined : await findQueue(process.ppid, env);
    noteWaker(room, peer, queue !== undefined);
    if (queue === undefined || session === undefined) return undefined;
    return { isDear: true, wake: () => queue.put(session) };
  },
};
type PokeMaker = (
  runtime: Runtime,
  seat: WakeSeat,
  env: NodeJS.ProcessEnv,
) => Promise<Poke | undefined>;

/** Wakes the session of a line from now on, where its runtime can be woken, until it is closed. */
export async function wakeIdle(
  line: MeshLine,
  runtime: Runtime,
  seat: WakeSeat,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const make = Object.hasOwn(pokes, runtime.name) ? pokes[runtime.name] : undefined;
  const poke = await make?.(runtime, seat, env);
  if (poke === undefined) return;
  const { signal } = line;
  const waker = new Waker({
    mesh: line,
    poke,
    isEnded: () => signal.aborted,
    rest: ms => sleep(ms, undefined, { signal, ref: false }).catch(() => {}),
  });
  await waker.run();
}
