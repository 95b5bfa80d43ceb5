// Readiness of a launched nats-server: waited for as long as it gets on with opening its store.
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';
import type { Clock } from '../system/clock.js';
import { processFacts } from '../system/process-facts.js';
import type { NatsAddress } from './config.js';
import { natsAnswers } from './probe.js';
import type { NatsProcess } from './process.js';

export interface ReadyOptions {
  clock: Clock;
  /** Gives up when aborted. */
  stopping: AbortSignal;
  onProgress(line: string): void;
}

/** Resolves when the server answers; throws when it ends, stops computing or is given up. */
export async function awaitReady(
  launched: NatsProcess,
  address: NatsAddress,
  { clock, stopping, onProgress }: ReadyOptions,
): Promise<void> {
  const began = clock.elapsed();
  const isComputing = activityOf(launched.pid, clock);
  let speakAt = began + limits.nats_progress_first_ms;
  while ((await natsAnswers(address)) !== 'answers') {
    if (stopping.aborted) throw new Error('the nats-server was stopped before it was ready');
    if (launched.gone.aborted)
      throw new Error(`nats-server did not start: ${launched.gone.reason}`);
    if (clock.elapsed() >= speakAt) {
      const waited = Math.round((clock.elapsed() - began) / 1_000);
      onProgress(`nats-server is opening its store (${waited} s so far) …`);
      speakAt += limits.nats_progress_every_ms;
    }
    if (!(await isComputing())) {
      throw new Error(`nats-server did nothing for ${limits.nats_start_idle_ms} ms while starting`);
    }
    await sleep(limits.nats_ready_look_ms);
  }
}

/** Tells whether a process has computed of late: a store of any size may take its time. */
function activityOf(pid: number, clock: Clock): () => Promise<boolean> {
  let cpu = '';
  let movedAt = clock.elapsed();
  let lookAt = 0;
  return async () => {
    if (clock.elapsed() >= lookAt) {
      lookAt = clock.elapsed() + limits.nats_probe_every_ms;
      // What cannot be looked at just now is not idle for that.
      const now = await processFacts(pid).then(
        facts => facts?.cpu ?? '',
        () => undefined,
      );
      if (now !== cpu) movedAt = clock.elapsed();
      cpu = now ?? '';
    }
    return clock.elapsed() - movedAt < limits.nats_start_idle_ms;
  };
}
