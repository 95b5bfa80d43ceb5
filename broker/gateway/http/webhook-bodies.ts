// Request bodies of strangers, read within one bound: whoever stalls makes room for the rest.
import type { IncomingMessage } from 'node:http';
import { limits } from '../../../schemas/limits.js';
import { type Rejection, reject } from '../shared/rejection.js';

interface Reading {
  bytes: number;
  /** Looks in a row at which it had sent nothing more. */
  silences: number;
  /** True while it is held up by us, for lack of room. */
  isPaused: boolean;
  giveWay(): void;
}

export interface WebhookBodies {
  /** The whole body; undefined when it broke off, and nobody is left to be answered. */
  read(req: IncomingMessage): Promise<Buffer | Rejection | undefined>;
}

const TOO_LARGE = reject(413, 'too_large', `Send at most ${limits.frame_bytes} bytes.`);

/** For a delivery that was good and cannot be kept: GitHub has to send it again. */
export const AWAY = reject(503, 'unavailable', 'Nothing can be noted just now; deliver it again.');

/**
 * Nobody has proved anything before the whole body is there. So many are read at once, that a few
 * who send slowly hold up nobody, and in need of room those go first that have fallen silent.
 */
export function createWebhookBodies(): WebhookBodies {
  const room = createRoom();
  return {
    async read(req) {
      if (Number(req.headers['content-length'] ?? 0) > limits.frame_bytes) return TOO_LARGE;
      let giveWay = () => {};
      const gone = new Promise<'gone'>(resolve => {
        giveWay = () => resolve('gone');
      });
      const reading: Reading = { bytes: 0, silences: 0, isPaused: false, giveWay };
      if (!room.enter(reading)) return AWAY;
      try {
        return await collect(req, gone, chunk => room.take(reading, chunk));
      } catch {
        return undefined;
      } finally {
        room.leave(reading);
      }
    },
  };
}

async function collect(
  req: IncomingMessage,
  gone: Promise<'gone'>,
  take: (bytes: number) => Promise<void> | undefined,
) {
  const parts = req.iterator({ destroyOnReturn: false });
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const next = await Promise.race([parts.next(), gone]);
    if (next === 'gone') return AWAY;
    if (next.done) return Buffer.concat(chunks);
    const chunk: Buffer = next.value;
    chunks.push(chunk);
    size += chunk.length;
    if (size > limits.frame_bytes) return TOO_LARGE;
    await take(chunk.length);
  }
}

/** Counts what is held of all bodies, and holds up or turns away who is one too many. */
function createRoom() {
  const readings = new Set<Reading>();
  const paused: (() => void)[] = [];
  let bytes = 0;
  let looks: NodeJS.Timeout | undefined;

  const isFull = () => readings.size >= limits.webhook_reads;
  const isActive = (reading: Reading) => !reading.isPaused;

  function resume(): void {
    if (bytes <= limits.webhook_read_bytes) for (const go of paused.splice(0)) go();
    // One is always read to its end, or all would wait for each other.
    else if (![...readings].some(isActive)) paused.shift()?.();
  }

  /** While there is no room it is looked who has fallen silent. */
  function look(): void {
    for (const reading of readings) {
      if (isActive(reading) && ++reading.silences > limits.webhook_silent_misses) reading.giveWay();
    }
    resume();
    if (paused.length > 0 || isFull()) return;
    clearInterval(looks);
    looks = undefined;
  }

  function watch(): void {
    looks ??= setInterval(look, limits.webhook_look_ms).unref();
  }

  async function pause(reading: Reading): Promise<void> {
    reading.isPaused = true;
    watch();
    const turn = new Promise<void>(go => paused.push(go));
    resume();
    await turn;
    reading.isPaused = false;
    reading.silences = 0;
  }

  return {
    /** False when too many are read already. */
    enter(reading: Reading): boolean {
      if (isFull()) watch();
      else readings.add(reading);
      return readings.has(reading);
    },
    /** Notes what has come; resolves when more may. */
    take(reading: Reading, size: number): Promise<void> | undefined {
      bytes += size;
      reading.bytes += size;
      reading.silences = 0;
      return bytes > limits.webhook_read_bytes ? pause(reading) : undefined;
    },
    leave(reading: Reading): void {
      readings.delete(reading);
      bytes -= reading.bytes;
      resume();
    },
  };
}
