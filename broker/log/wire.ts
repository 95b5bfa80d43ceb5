// The NATS connection as far as the log needs it, in our own words.
export interface WireMessage {
  subject: string;
  /** Where an answer goes; JetStream also writes a commit's sequence and time here. */
  reply?: string;
  data: Uint8Array;
  headers?: { code: number; get(key: string): string };
}

export interface WireWatcher {
  /** The connection is lost: whatever was not answered may or may not have arrived. */
  down(): void;
  /** The connection is back, and with it every subscription. */
  up(): void;
  /** The server does not let this user publish to the subject. */
  denied(subject: string): void;
}

/** It reconnects by itself; what was sent meanwhile is not sent again. */
export interface Wire {
  isConnected(): boolean;
  /**
   * True once the store has said that it is a cluster: what is sent may be lost behind the server
   * that took it.
   */
  isClustered(): boolean;
  /** `id` is what JetStream knows a repeated message by. */
  publish(subject: string, bytes: Uint8Array, options?: { reply?: string; id?: string }): void;
  /** Returns what ends the subscription. */
  subscribe(subject: string, onMessage: (message: WireMessage) => void): () => void;
  /**
   * One call of the JetStream API; throws a StoreError for a refusal, for no answer within
   * `wait_ms` (default: `limits.store_wait_ms`), and when nobody is there to answer.
   */
  call<Answer>(path: string, body?: object, wait_ms?: number): Promise<Answer>;
  /** The subject of a path of the JetStream API, as `call` uses it. */
  api(path: string): string;
  /** A fresh subject that nobody else listens to. */
  inbox(): string;
  /** Returns what ends the watching. */
  watch(watcher: WireWatcher): () => void;
  /** Goes to the next server of the cluster: this one does not lead to the store. */
  leave(): void;
  close(): Promise<void>;
}

/** What JetStream says of a stream, as far as we read it. */
export interface StreamInfo {
  config: Record<string, unknown> & { max_bytes: number; num_replicas: number };
  state: { bytes: number; first_seq: number; last_seq: number };
  /** `active` is how many ns ago the leader heard that replica. */
  cluster?: {
    leader?: string;
    replicas?: { active: number; current: boolean; offline?: boolean }[];
  };
}

/** JetStream's `err_code` for a stream that is not there. */
export const noStream = 10_059;
/** And for a name that is taken by a stream of other settings. */
export const nameTaken = 10_058;

/** And for a cluster that has no leader just now. */
export const noLeader = 10_008;

/** The store refused a call (`code` is JetStream's `err_code`) or did not answer it (`code` 0). */
export class StoreError extends Error {
  readonly code: number;

  constructor(message: string, code = 0) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}
