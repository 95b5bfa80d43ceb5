// The client as programs hold it: one link to the mesh, typed by the table of methods.
import { compact } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import type { MethodName, Result } from '../../schemas/method.js';
import type { PeerRow } from '../../schemas/peer.js';
import type { LiveView } from '../../schemas/view.js';
import { socketUrl } from './address.js';
import type {
  CallArguments,
  CallParams,
  Client,
  ConnectOptions,
  Identity,
  Joined,
  Peer,
} from './api.js';
import { Brokers } from './brokers.js';
import { ClientError } from './errors.js';
import type { CallFields } from './followers.js';
import type { Greeter, MethodCall } from './handshake.js';
import { newIdentity } from './identity.js';
import { Link } from './link.js';
import type { LiveRows } from './live-rows.js';
import type { LogReading, Observation } from './log-api.js';
import { Observer } from './observe.js';
import type { JoinParams, ObserveOptions, ReadOptions, WatchOptions } from './options.js';
import { allRows } from './pages.js';
import { makePeer } from './peer.js';
import { LogReader } from './reading.js';
import { ViewWatch } from './watch.js';
import type { Dial } from './wire.js';

/** What Node and pages do differently. */
export interface ClientDoor extends Greeter {
  dial: Dial;
  /** The peer whose secret is the credential itself. */
  identity?: Identity;
}

/** Connects, and joins or attaches when the options say so. */
export async function open(options: ConnectOptions, door: ClientDoor): Promise<Client> {
  const link = new Link({
    brokers: new Brokers(new Brokers(options.url).urls.map(socketUrl)),
    encoding: options.encoding ?? 'msgpack',
    dial: door.dial,
    greeting: door.greeting,
    greeted: door.greeted,
    wait_ms: options.wait_ms ?? limits.connect_wait_ms,
    onNotice: options.onNotice ?? (() => {}),
  });
  const client = new SocketClient(link);
  try {
    const opened = link.open();
    await Promise.all([opened, options.join && client.join(options.join)]);
    if (options.attach) await client.attach(options.attach);
    if (door.identity) client.speaks(door.identity);
    return client;
  } catch (error) {
    link.close();
    throw error;
  }
}

/** The part of what the broker said that is about the peer. */
function joinedOf(welcome: CallFields): Joined {
  const { peer, name, renamed, warning, generation, cursor, time } = welcome;
  const joined = { peer, name, renamed, warning, generation, cursor, time };
  return compact(joined) as unknown as Joined;
}

class SocketClient implements Client {
  readonly #link: Link;
  /** The filters in use: the broker has one place per filter and connection. */
  readonly #observed = new Set<string>();
  readonly #watched = new Set<string>();
  #peer: Peer | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  get peer(): Peer {
    if (this.#peer) return this.#peer;
    throw new ClientError('misuse', 'this client speaks for no peer; join or attach first');
  }

  async call<M extends MethodName>(method: M, ...args: CallArguments<M>): Promise<Result<M>> {
    const [params = {} as CallParams<M>, options] = args;
    return this.#link.ask(method, params, options?.wait_ms);
  }

  async join(params: JoinParams): Promise<Peer> {
    const { peer, secret } = newIdentity();
    const identity = { peer: params.peer ?? peer, secret: params.secret ?? secret };
    await this.#link.join({
      new: { method: 'peer.join', params: { ...params, ...identity } },
      known: { method: 'peer.attach', params: { ...identity } },
    });
    return this.speaks(identity);
  }

  async attach(identity: Identity): Promise<Peer> {
    const { peer, secret } = identity;
    const words: MethodCall = { method: 'peer.attach', params: { peer, secret } };
    await this.#link.join({ new: words, known: words });
    return this.speaks(identity);
  }

  /** From now on this client speaks for the peer: the broker has agreed. */
  speaks(identity: Identity): Peer {
    this.#peer = makePeer(this, this.#link, identity, joinedOf(this.#link.welcome));
    return this.#peer;
  }

  whoami(): Promise<Result<'peer.whoami'>> {
    return this.call('peer.whoami');
  }

  peers(params: CallParams<'peer.list'> = {}): Promise<PeerRow[]> {
    return allRows(at => this.call('peer.list', { ...params, ...at }));
  }

  observe(options: ObserveOptions = {}): Observation {
    const key = JSON.stringify(options.filter ?? {});
    if (this.#observed.has(key)) {
      const help = 'this client observes with that filter already; connect another one for it';
      throw new ClientError('misuse', help);
    }
    this.#observed.add(key);
    return new Observer(this.#link, options, () => this.#observed.delete(key));
  }

  read(options: ReadOptions = {}): LogReading {
    return new LogReader(params => this.call('log.read', params), options);
  }

  watch<V extends LiveView>(view: V, options: WatchOptions = {}): LiveRows<V> {
    const key = JSON.stringify([view, options]);
    if (this.#watched.has(key)) {
      const help = 'this client watches just that already; connect another one for it';
      throw new ClientError('misuse', help);
    }
    this.#watched.add(key);
    return new ViewWatch(this.#link, view, options, () => this.#watched.delete(key));
  }

  async close(): Promise<void> {
    this.#link.close();
  }
}
