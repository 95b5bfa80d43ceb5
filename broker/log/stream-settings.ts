// The JetStream stream of one mesh's log: its name, its settings, and what is refused.
import { limits } from '../../schemas/limits.js';
import { callUntilAnswered, type StoreLine } from './following/head.js';
import { nameTaken, noStream, StoreError, type StreamInfo, type Wire } from './wire.js';

export interface StreamWish {
  mesh: string;
  /** As many as there are servers for, at most so many. */
  replicas: number;
  maxBytes: number;
  /** Told what a person should know or do about the stream. */
  onNotice(line: string): void;
}

const nanosPerMilli = 1_000_000;
/** No suitable peers, too few resources, and replicas where there is no cluster. */
const tooFewServers: ReadonlySet<number> = new Set([10_005, 10_023, 10_074]);
const meshName = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Set to anything but their neutral value, these would change, expire or thin out history. */
const neutral: Record<string, unknown> = {
  mirror: undefined,
  sources: undefined,
  subject_transform: undefined,
  first_seq: 0,
  no_ack: false,
  sealed: false,
  allow_msg_ttl: false,
  allow_msg_counter: false,
  persist_mode: 'default',
};

/** One token for stream names and subjects, where a dot separates: `=` is no letter of a name. */
function token(mesh: string): string {
  if (!meshName.test(mesh)) {
    throw new Error('A mesh name is 1 to 64 of a-z, 0-9, dot, underscore, dash; a-z or 0-9 first.');
  }
  return mesh.replaceAll('.', '=');
}

/** Throws for what is no name of a mesh. */
export function streamName(mesh: string): string {
  return `SIGNALBOX_${token(mesh)}`;
}

/** The one subject that commits are published to. Throws as `streamName` does. */
export function streamSubject(mesh: string): string {
  return `signalbox.${token(mesh)}.log`;
}

/** The mesh whose log a stream of this name keeps; undefined for any other stream. */
export function meshOf(stream: string): string | undefined {
  const mesh = /^SIGNALBOX_(.+)$/.exec(stream)?.[1]?.replaceAll('=', '.');
  return mesh !== undefined && meshName.test(mesh) ? mesh : undefined;
}

/** What the store must have written down of a mesh's stream, as its server writes it. */
export function storedSettings(mesh: string, created: string): object {
  const size = { max_bytes: limits.stream_start_bytes, num_replicas: 1 };
  return { Created: created, name: streamName(mesh), ...required(mesh), ...size };
}

function required(mesh: string): Record<string, unknown> {
  return {
    subjects: [streamSubject(mesh)],
    storage: 'file',
    retention: 'limits',
    discard: 'new',
    deny_delete: true,
    deny_purge: true,
    allow_rollup_hdrs: false,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_consumers: -1,
    max_msg_size: limits.nats_payload_bytes,
    duplicate_window: limits.dedup_window_ms * nanosPerMilli,
  };
}

/** What of an existing stream's settings would not keep a log, one phrase each. */
export function unfitSettings(mesh: string, config: Record<string, unknown>): string[] {
  const wanted = { ...neutral, ...required(mesh) };
  return Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(config[key] ?? neutral[key]) !== JSON.stringify(value))
    .map(([key, value]) => `${key} is ${JSON.stringify(config[key])}, not ${value ?? 'unset'}`);
}

/**
 * Finds or makes the stream, and says how many replicas it has. Raises its byte limit and replicas
 * to the wish, lowers neither. Throws when a stream of that name could lose or change history.
 */
export async function ensureStream(line: StoreLine, wish: StreamWish): Promise<number> {
  const name = streamName(wish.mesh);
  const { config } = (await findStream(line, name)) ?? (await createStream(line, wish));
  const unfit = unfitSettings(wish.mesh, config);
  if (unfit.length > 0) {
    throw new Error(
      `The stream ${name} exists with settings that cannot keep a log: ${unfit.join('; ')}. ` +
        'Use another mesh name, or another NATS server.',
    );
  }
  if (config.max_bytes < wish.maxBytes) {
    const max_bytes = wish.maxBytes;
    await callUntilAnswered(line, `STREAM.UPDATE.${name}`, { ...config, max_bytes });
    config.max_bytes = max_bytes;
  }
  return replicate(line, config, wish);
}

/**
 * On a cluster an older stream gets its replicas. Where that fails, as with too few servers, a
 * person is told: of a cluster that is just starting it succeeds later (`keepReplicated`).
 */
async function replicate(
  line: StoreLine,
  config: StreamInfo['config'],
  { mesh, replicas, onNotice }: StreamWish,
): Promise<number> {
  const had = config.num_replicas;
  if (!line.wire.isClustered() || had >= replicas) return had;
  const name = streamName(mesh);
  try {
    await setReplicas(line, config, name, replicas);
    onNotice(
      `the stream ${name} had ${had} replica${had === 1 ? '' : 's'} and has ${replicas} now`,
    );
    return replicas;
  } catch (error) {
    onNotice(
      `the stream ${name} has ${had} of ${replicas} replicas (${(error as Error).message}); it ` +
        `is tried again, or by hand: nats stream edit ${name} --replicas=${replicas} -f`,
    );
    return had;
  }
}

async function setReplicas(
  line: StoreLine,
  config: StreamInfo['config'],
  name: string,
  num_replicas: number,
): Promise<void> {
  await callUntilAnswered(line, `STREAM.UPDATE.${name}`, { ...config, num_replicas });
}

/**
 * Tries to replicate a stream every `limits.store_replicate_every_ms` until it succeeds, and then
 * tells `onReplicated`. Returns what ends it.
 */
export function keepReplicated(
  line: StoreLine,
  { mesh, replicas, onNotice }: StreamWish,
  onReplicated: (replicas: number) => void,
): () => void {
  const name = streamName(mesh);
  const attempt = async (): Promise<void> => {
    const info = await callUntilAnswered<StreamInfo>(line, `STREAM.INFO.${name}`);
    const had = info.config.num_replicas;
    if (had < replicas) await setReplicas(line, info.config, name, replicas);
    clearInterval(timer);
    onNotice(`the stream ${name} has ${Math.max(had, replicas)} replicas now`);
    onReplicated(Math.max(had, replicas));
  };
  // Why it fails was told when it was tried first.
  const timer = setInterval(() => attempt().catch(() => {}), limits.store_replicate_every_ms);
  return () => clearInterval(timer);
}

async function findStream(line: StoreLine, name: string): Promise<StreamInfo | undefined> {
  try {
    return await callUntilAnswered<StreamInfo>(line, `STREAM.INFO.${name}`);
  } catch (error) {
    if (error instanceof StoreError && error.code === noStream) return undefined;
    throw error;
  }
}

/** With all its replicas where there are servers for them, else with one. */
async function createStream(line: StoreLine, wish: StreamWish): Promise<StreamInfo> {
  const name = streamName(wish.mesh);
  const create = (num_replicas: number) =>
    callUntilAnswered<StreamInfo>(line, `STREAM.CREATE.${name}`, {
      name,
      ...required(wish.mesh),
      max_bytes: wish.maxBytes,
      num_replicas,
    });
  try {
    return await create(wish.replicas).catch(error => {
      const isOver = error instanceof StoreError && tooFewServers.has(error.code);
      if (isOver && wish.replicas > 1) return create(1);
      throw error;
    });
  } catch (error) {
    // Another broker of this mesh was faster, with another byte limit.
    if (!(error instanceof StoreError) || error.code !== nameTaken) throw error;
    return await callUntilAnswered(line, `STREAM.INFO.${name}`);
  }
}

/** Sets the byte limit, but never near what is stored: old servers would delete to get below it. */
export async function resizeStream(wire: Wire, name: string, maxBytes: number): Promise<void> {
  const { config, state } = await wire.call<StreamInfo>(`STREAM.INFO.${name}`);
  const max_bytes = Math.max(maxBytes, state.bytes + limits.store_margin_bytes);
  if (max_bytes !== config.max_bytes) {
    await wire.call(`STREAM.UPDATE.${name}`, { ...config, max_bytes });
  }
}
