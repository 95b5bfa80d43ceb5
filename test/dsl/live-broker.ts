// A small world for tests: brokers on a real nats-server, and people who talk through raw sockets.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import { type Ready, type RunningBroker, type StartConfig, start } from '../../broker/main.js';
import { startTestNats, tempDir } from './nats.js';
import { type Address, type Encoding, type Fields, type Guest, uuid, visit } from './raw-client.js';

// Warnings are part of many tests, and no news.
process.env.SIGNALBOX_LOG ??= 'error';

/** What a client needs to know of a broker. */
export interface House {
  ready: Ready;
  /** The operator's. */
  token: string;
}

/** The configuration of a broker of the test suite. */
export function startConfig(dataDir: string, changes: Partial<StartConfig> = {}): StartConfig {
  const natsBinary = process.env.SIGNALBOX_NATS_SERVER;
  return {
    host: '127.0.0.1',
    port: 0,
    dataDir,
    mesh: 'default',
    durability: 'fsync',
    version: '0.0.0-test',
    ...(natsBinary && { natsBinary }),
    onProgress() {},
    ...changes,
  };
}

export function houseOf(ready: Ready): House {
  return { ready, token: readFileSync(ready.token_file, 'utf8').trim() };
}

/** A broker in this process, with a nats-server of its own; closed when the test ends. */
export async function openBroker(
  t: Test,
  changes: Partial<StartConfig> = {},
): Promise<House & { broker: RunningBroker }> {
  const dataDir = changes.dataDir ?? (await tempDir(t));
  const broker = await start(startConfig(dataDir, changes));
  t.teardown(() => broker.close());
  return { broker, ...houseOf(broker.ready) };
}

/** Brokers in this process that serve one mesh on one nats-server. */
export async function openBrokers(t: Test, count: number) {
  const nats = await startTestNats(t);
  const natsUrl = nats.url.replace('//', `//${nats.user}:${nats.password}@`);
  const brokers: Awaited<ReturnType<typeof openBroker>>[] = [];
  for (let n = 0; n < count; n++) brokers.push(await openBroker(t, { natsUrl }));
  return { nats, natsUrl, brokers };
}

/** A raw connection with the operator's token, or with another credential. */
export function connect(
  t: Test | undefined,
  { ready, token }: House,
  more: Omit<Partial<Address>, 'ws'> = {},
): Promise<Guest> {
  return visit(t, { ws: ready.ws, credential: token, ...more });
}

/** Someone who has joined, and speaks. */
export class Person {
  readonly guest: Guest;
  readonly peer: string;
  readonly secret: string;
  readonly name: string;
  readonly joined: Fields;

  constructor(guest: Guest, secret: string, joined: Fields) {
    this.guest = guest;
    this.secret = secret;
    this.joined = joined;
    this.peer = String(joined.peer);
    this.name = String(joined.name);
  }

  /** The credential that speaks for this peer at once. */
  get credential(): string {
    return `${this.peer}.${this.secret}`;
  }

  /** Opens an ask; its id. */
  async ask(to: string, text: string, more: Fields = {}): Promise<string> {
    return String((await this.guest.command('ask.open', { to, text, ...more })).ask);
  }

  reply(ask: string, text: string): Promise<Fields> {
    return this.guest.command('ask.close', { ask, outcome: 'replied', text });
  }

  close(ask: string, outcome: string, text?: string): Promise<Fields> {
    return this.guest.command('ask.close', { ask, outcome, ...(text !== undefined && { text }) });
  }

  notify(to: string, text: string, more: Fields = {}): Promise<Fields> {
    return this.guest.command('notify.send', { to, text, ...more });
  }

  takeInbox(): Promise<Fields> {
    return this.guest.command('inbox.subscribe');
  }

  /** The inbox item about a thing, pushed already or yet to come. */
  item(ref: string): Promise<Fields> {
    return this.guest.hear('inbox.item', params => params.ref === ref);
  }

  wait(ask: string, timeout_s = 600): Promise<Fields> {
    return this.guest.call('ask.wait', { ask, timeout_s });
  }
}

export interface JoinAs extends Fields {
  encoding?: Encoding;
  credential?: string;
}

/** Connects and joins under a name. */
export async function join(
  t: Test | undefined,
  house: House,
  name: string,
  { encoding, credential, ...params }: JoinAs = {},
): Promise<Person> {
  const guest = await connect(t, house, {
    ...(encoding && { encoding }),
    ...(credential && { credential }),
  });
  const secret = randomBytes(32).toString('base64url');
  const joined = await guest.call('peer.join', { id: uuid(), name, secret, ...params });
  return new Person(guest, String(params.secret ?? secret), joined);
}
