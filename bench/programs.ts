// What the programs of the bench answer to when asked by the one that started them.

/** Calls by name; each takes one detail, and answers now or later. */
export type Program = Record<string, (detail: never) => unknown>;

export type Durability = 'fsync' | 'os';

export interface HostOptions {
  /** A new directory of its own. */
  dir: string;
  natsBinary: string | undefined;
  durability: Durability;
  /** The bare pipe only: gather what arrives while a commit is under way, or one event a commit. */
  isGrouped?: boolean;
}

export interface HostFacts {
  ws: string;
  /** The bearer token; floors take any. */
  token: string;
  nats: { version: string; pid: number };
  /** What is really in force. */
  durability: string;
}

/** Signalbox itself, or a floor. */
export type HostProgram = {
  open(options: HostOptions): Promise<HostFacts>;
};

export interface Target {
  ws: string;
  token: string;
  /** Bytes of text in each ask and each reply. */
  text_bytes: number;
  /** A floor that only forwards bytes between its two sockets. */
  isBare?: boolean;
  /** Acknowledge what came to the asker; the floors know no inbox. */
  acknowledges: boolean;
}

/** Times in ms. */
export interface Latency {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** What the receivers found wrong. */
export interface Faults {
  refused: number;
  lost: number;
  doubled: number;
  reordered: number;
}

export interface RunReport {
  /** Ask-reply cycles that ended while the run was timed. */
  cycles: number;
  seconds: number;
  latency: Latency;
  faults: Faults;
  /** Of one ask and of one close, as sent. */
  frame_bytes: number[];
}

/** Closed: so many in flight. Open: so many a second, whatever the answers do. */
export type Offer = { inFlight: number } | { rate: number };

export type PairsProgram = {
  connect(detail: Target & { pairs: number }): Promise<void>;
  run(detail: Offer & { seconds: number }): Promise<RunReport>;
};

export type PingProgram = {
  connect(detail: Target): Promise<void>;
  /** Adds to the latencies of earlier blocks, unless it only warms up. */
  block(detail: { cycles: number; pause_ms: number; isWarmUp: boolean }): Promise<RunReport>;
};
