// The witness: a connection that does nothing but read the log of one circle, record by record.
import type { LogRecord } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { Client } from '../sdk/api.js';
import type { Observation } from '../sdk/log-api.js';

export interface Witness {
  /** The next record. Throws when none comes in time; `what` was waited for. */
  next(what: string): Promise<LogRecord>;
  close(): Promise<void>;
}

/** Begins to read where the log stands now; what happens after this call is seen. */
export async function openWitness(client: Client, circle: string): Promise<Witness> {
  const { cursor } = await client.whoami();
  const observation = client.observe({ from: cursor, filter: { circles: [circle] } });
  const records = observation.records();
  return {
    next: what => inTime(records.next(), what),
    close: () => closed(observation, client),
  };
}

async function closed(observation: Observation, client: Client): Promise<void> {
  await observation.return();
  await client.close();
}

async function inTime(next: Promise<IteratorResult<LogRecord>>, what: string): Promise<LogRecord> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const seconds = limits.demo_wait_ms / 1_000;
    const say = () => reject(new Error(`the log did not tell of ${what} within ${seconds} s`));
    timer = setTimeout(say, limits.demo_wait_ms);
  });
  try {
    const { value, done } = await Promise.race([next, late]);
    if (done) throw new Error(`the log ended before it told of ${what}`);
    return value;
  } finally {
    clearTimeout(timer);
  }
}
