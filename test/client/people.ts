// SDK clients for tests: peers of one real broker, closed with the test.
import type { Test } from 'tap';
import { type Client, connect, type Peer } from '../../client/index.js';
import type { EventType, LogRecord } from '../../schemas/event.js';
import { type House, openBroker } from '../dsl/live-broker.js';

export interface Watched {
  came: Promise<LogRecord>;
}

export interface Town {
  /** Joins under a name. */
  peer(name: string): Promise<Peer>;
  /** Watches from now on; `came` resolves with the first record of the type that fits. */
  watch(type: EventType, fits?: (record: LogRecord) => boolean): Promise<Watched>;
}

export async function town(t: Test): Promise<Town> {
  const { ready, token: credential } = await openBroker(t, { durability: 'os' });
  const { url } = ready;
  const own = (client: Client) => closedWith(t, client);
  return {
    peer: async name => own(await connect({ url, credential, join: { name } })).peer,
    watch: (type, fits) => watchLog(t, { ready, token: credential }, type, fits),
  };
}

/** Watches the log of a house from now on. */
export async function watchLog(
  t: Test,
  { ready, token: credential }: House,
  type: EventType,
  fits: (record: LogRecord) => boolean = () => true,
): Promise<Watched> {
  const client = closedWith(t, await connect({ url: ready.url, credential }));
  const { cursor } = await client.whoami();
  const feed = client.observe({ from: cursor, filter: { types: [type] } });
  return { came: first(feed.records(), fits) };
}

function closedWith(t: Test, client: Client): Client {
  t.teardown(() => client.close());
  return client;
}

async function first(
  records: AsyncIterable<LogRecord>,
  fits: (record: LogRecord) => boolean,
): Promise<LogRecord> {
  for await (const record of records) if (fits(record)) return record;
  throw new Error('the log ended before that');
}
