// The log kept by NATS JetStream: one stream, appended to, followed and read.
import type { Clock } from '../system/clock.js';
import { AckPath } from './ack-path.js';
import type { LimitedLog } from './byte-limit.js';
import { openWire, type StoreAccess } from './connection.js';
import { CatchUp } from './following/catch-up.js';
import { callUntilAnswered, LeaderWatch, readHead } from './following/head.js';
import type { Log } from './log.js';
import { readRange } from './reader.js';
import {
  ensureStream,
  keepReplicated,
  resizeStream,
  streamName,
  streamSubject,
} from './stream-settings.js';
import type { StreamInfo, Wire } from './wire.js';

export interface JetStreamConfig extends StoreAccess {
  replicas: number;
  maxBytes: number;
  clock: Clock;
  /** Told what a person should know: connection lost, back, not allowed. Never a secret. */
  onNotice(line: string): void;
}

/** Its limit is never lowered to less than what is stored and a margin. */
export interface JetStreamLog extends Log, LimitedLog {
  /** How many servers keep the stream; a cluster that is just starting may get there later. */
  replicas(): number;
}

/**
 * Connects, makes or checks the mesh's stream, and keeps connected until closed.
 * Throws when no server answers, or when a stream of that name cannot keep a log.
 */
export async function openJetStream(config: JetStreamConfig): Promise<JetStreamLog> {
  const stream = streamName(config.mesh);
  const wire = await openWire(config);
  try {
    const line = { wire, clock: config.clock };
    let replicas = await ensureStream(line, config);
    const isLacking = wire.isClustered() && replicas < config.replicas;
    const onReplicated = (now: number) => {
      replicas = now;
    };
    const stopRaising = isLacking ? keepReplicated(line, config, onReplicated) : undefined;
    const log = keeper(wire, stream, config);
    const close = () => {
      stopRaising?.();
      return log.close();
    };
    return { ...log, close, replicas: () => replicas };
  } catch (error) {
    await wire.close();
    throw error;
  }
}

/**
 * The same for one who only reads: the stream must be there, and is neither made nor changed.
 * Throws when no server answers.
 */
export async function openReader(config: ReaderConfig): Promise<Log> {
  const wire = await openWire(config);
  const stream = streamName(config.mesh);
  try {
    await callUntilAnswered({ wire, clock: config.clock }, `STREAM.INFO.${stream}`);
    return keeper(wire, stream, config);
  } catch (error) {
    await wire.close();
    throw error;
  }
}

type ReaderConfig = Omit<JetStreamConfig, 'replicas' | 'maxBytes'>;

function keeper(wire: Wire, stream: string, config: ReaderConfig): Log & LimitedLog {
  const { clock, onNotice } = config;
  const tails = new Set<CatchUp>();
  /** The newest sequence that anybody here was told of. */
  let known = 0;
  const learn = (sequence: number): void => {
    known = Math.max(known, sequence);
    for (const tail of tails) tail.expect(sequence);
  };
  const acks = new AckPath({ wire, subject: streamSubject(config.mesh), onStored: learn });
  let heardAt = clock.elapsed();
  const onHeard = (elapsed: number): void => {
    heardAt = elapsed;
  };
  const leader = wire.isClustered()
    ? new LeaderWatch({
        wire,
        clock,
        stream,
        onElected: () => acks.sendAgain(),
        onHead(sequence, elapsed) {
          onHeard(elapsed);
          learn(sequence);
        },
      })
    : undefined;
  const line = { wire, clock };
  const info = () => callUntilAnswered<StreamInfo>(line, `STREAM.INFO.${stream}`);
  const head = async (): Promise<number> => {
    const told = await readHead(line, stream, () => known);
    learn(told);
    return told;
  };
  return {
    append: (id, bytes) => acks.append(id, bytes),
    follow(from, handlers) {
      const told = leader === undefined ? onHeard : () => {};
      const source = { wire, stream, clock, head, known };
      const tail = new CatchUp({ ...source, from, handlers, onHeard: told, onNotice });
      tails.add(tail);
      const stop = (): void => {
        tail.stop();
        tails.delete(tail);
      };
      return { stop };
    },
    read: (from, to = Number.POSITIVE_INFINITY) =>
      readRange({ wire, clock, stream, head }, from, to),
    head,
    heardAt: () => heardAt,
    resize: maxBytes => resizeStream(wire, stream, maxBytes),
    async streamBytes() {
      const { config: settings, state } = await info();
      return { bytes: state.bytes, maxBytes: settings.max_bytes };
    },
    async close() {
      leader?.stop();
      for (const tail of tails) tail.stop();
      acks.close();
      await wire.close();
    },
  };
}
