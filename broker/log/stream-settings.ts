// The JetStream stream of one mesh's log: its name, its settings, and what is refused.
import { limits } from '../../schemas/limits.js';
import { nameTaken, noStream, StoreError, type Wire } from './wire.js';

export interface StreamInfo {
  config: Record<string, unknown> & { max_bytes: number; num_replicas: number };
  state: { bytes: number; first_seq: number; last_seq: number };
}

export interface StreamWish {
  mesh: string;
  replicas: number;
  maxBytes: number;
}

const nanosPerMilli = 1_000_000;
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
 * Finds or makes the stream. Raises its byte limit and replicas to the wish, lowers neither.
 * Throws when a stream of that name could lose or change history.
 */
export async function ensureStream(wire: Wire, wish: StreamWish): Promise<void> {
  const name = streamName(wish.mesh);
  const { config } = (await findStream(wire, name)) ?? (await createStream(wire, wish));
  const unfit = unfitSettings(wish.mesh, config);
  if (unfit.length > 0) {
    throw new Error(
      `The stream ${name} exists with settings that cannot keep a log: ${unfit.join('; ')}. ` +
        'Use another mesh name, or another NATS server.',
    );
  }
  if (config.max_bytes >= wish.maxBytes && config.num_replicas >= wish.replicas) return;
  await wire.call(`STREAM.UPDATE.${name}`, {
    ...config,
    max_bytes: Math.max(config.max_bytes, wish.maxBytes),
    num_replicas: Math.max(config.num_replicas, wish.replicas),
  });
}

async function findStream(wire: Wire, name: string): Promise<StreamInfo | undefined> {
  try {
    return await wire.call<StreamInfo>(`STREAM.INFO.${name}`);
  } catch (error) {
    if (error instanceof StoreError && error.code === noStream) return undefined;
    throw error;
  }
}

async function createStream(wire: Wire, wish: StreamWish): Promise<StreamInfo> {
  const name = streamName(wish.mesh);
  const size = { max_bytes: wish.maxBytes, num_replicas: wish.replicas };
  try {
    return await wire.call(`STREAM.CREATE.${name}`, { name, ...required(wish.mesh), ...size });
  } catch (error) {
    // Another broker of this mesh was faster, with another byte limit.
    if (!(error instanceof StoreError) || error.code !== nameTaken) throw error;
    return await wire.call(`STREAM.INFO.${name}`);
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
