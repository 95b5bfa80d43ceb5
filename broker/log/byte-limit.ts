// The byte limit of the log: it follows the free disk, and warns well before the log is full.
import { statfs } from 'node:fs/promises';
import { limits } from '../../schemas/limits.js';

/** How large a stream is, and how large it may become, in bytes. */
export interface StreamSize {
  bytes: number;
  maxBytes: number;
}

/** What can tell the size of the stream and set its limit. */
export interface LimitedLog {
  streamBytes(): Promise<StreamSize>;
  /** Rejects when the server does not allow it. */
  resize(maxBytes: number): Promise<void>;
}

export interface LimitRule {
  /** The limit that a stream of this size should have, in bytes. */
  limitFor(size: StreamSize): number | Promise<number>;
  /** What a person does when there is little room left. */
  advice: string;
}

/** On a disk of our own: what the stream holds and a share of what is free. */
export function followDisk(dataDir: string): LimitRule {
  return {
    limitFor: ({ bytes }) => roomFor(dataDir, bytes),
    advice: `Free some space on the disk of ${dataDir}.`,
  };
}

/** On another's server, whose disk cannot be seen: twice as much once half of it is used. */
export const doubleAtHalf: LimitRule = {
  limitFor: ({ bytes, maxBytes }) => (bytes > maxBytes / 2 ? 2 * maxBytes : maxBytes),
  advice: 'Give the NATS server or its account more JetStream storage (max_file_store).',
};

/** How large the stream may be on its disk, in bytes, when it holds `usedBytes`. */
export async function roomFor(dataDir: string, usedBytes: number): Promise<number> {
  const { bavail, bsize } = await statfs(dataDir);
  return usedBytes + Math.floor(bavail * bsize * limits.stream_free_share_ratio);
}

/** Sets the limit by the rule now and then, and warns each time the room left has halved. */
export class ByteLimit {
  readonly #log: LimitedLog;
  readonly #rule: LimitRule;
  readonly #warn: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  /** Warned of when less than this is left, in bytes. */
  #warnsBelow: number = limits.stream_low_bytes;
  #lastTrouble = '';
  /** As it was last seen; undefined before the first look. */
  size: StreamSize | undefined;

  constructor(log: LimitedLog, rule: LimitRule, warn: (line: string) => void) {
    this.#log = log;
    this.#rule = rule;
    this.#warn = warn;
    this.#timer = setInterval(() => void this.adjust(), limits.stream_room_every_ms);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Looks once; a server that is away or refuses is told of, and asked again later. */
  async adjust(): Promise<void> {
    try {
      const size = await this.#log.streamBytes();
      const wished = await this.#rule.limitFor(size);
      // Small swings of the disk are no reason to change the stream.
      const isOff = Math.abs(wished - size.maxBytes) > size.maxBytes / 10;
      const refused = isOff ? await this.#resize(wished) : undefined;
      const limit = isOff && refused === undefined ? wished : Math.min(wished, size.maxBytes);
      this.size = { bytes: size.bytes, maxBytes: limit };
      this.#tell(size.bytes, Math.max(0, limit - size.bytes));
      this.#note(refused);
    } catch (error) {
      this.#note(error as Error);
    }
  }

  #resize(maxBytes: number): Promise<Error | undefined> {
    return this.#log.resize(maxBytes).then(
      () => undefined,
      error => error,
    );
  }

  #note(trouble: Error | undefined): void {
    const message = trouble?.message ?? '';
    if (message !== '' && message !== this.#lastTrouble) {
      this.#warn(`the log's byte limit was not adjusted: ${message}`);
    }
    this.#lastTrouble = message;
  }

  #tell(usedBytes: number, leftBytes: number): void {
    if (leftBytes >= limits.stream_low_bytes) this.#warnsBelow = limits.stream_low_bytes;
    if (leftBytes >= this.#warnsBelow) return;
    while (leftBytes < this.#warnsBelow) this.#warnsBelow = Math.floor(this.#warnsBelow / 2);
    this.#warn(
      `the log has room for ${mebibytes(leftBytes)} MiB more (it holds ${mebibytes(usedBytes)}); ` +
        `without room every command is refused. ${this.#rule.advice}`,
    );
  }
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 1_048_576);
}
