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
  /** The broadcast only: `ws` or the bare socket. */
  writer?: Writer;
  /** Of Centrifugo only: its binary. */
  centrifugo?: string;
}

export type Writer = 'ws' | 'socket';

export interface HostFacts {
  /** Where guests connect; of a bare store, where its consumers do. */
  ws: string;
  /** Where a publisher connects, when that is another place. */
  publish?: string;
  /** The bearer token; floors take any. */
  token: string;
  nats: { version: string; pid: number };
  /** The process that serves, where it is not the program itself. */
  server?: number;
  /** What is really in force. */
  durability: string;
}

/** Told by every program of the bench. */
export interface Settled {
  rss_bytes: number;
  timers: number;
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
  /** Acknowledge what came to the asker. */
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

export interface HistoryOptions {
  events: number;
  commit_events: number;
  /** One peer counts, in texts of so many bytes; or many peers say words. */
  texts: { numbered_bytes: number } | 'words';
}

export type SeedProgram = {
  /** Returns what it took in the log, and who speaks in it. */
  fill(
    detail: HostOptions & HistoryOptions,
  ): Promise<{ commits: number; bytes: number; peers: string[] }>;
};

export interface ReplayReport {
  seconds: number;
  /** All that came over the socket. */
  bytes: number;
  faults: Faults;
}

export type ReplayProgram = {
  /** Reads the whole history from a new connection. */
  replay(detail: ReplayTarget): Promise<ReplayReport>;
};

export interface ReplayTarget {
  ws: string;
  token: string;
  encoding: 'json' | 'msgpack';
  events: number;
  commits: number;
}

export interface ReadersReport {
  /** Events that were shown to all readers together while the run was timed. */
  deliveries: number;
  events: number;
  seconds: number;
  latency: Latency;
  /** Of one event to one reader, with its share of a frame. */
  delivery_bytes: number;
  /** Events that shared a frame, in the mean. */
  frame_events: number;
  faults: Faults;
}

export type ReadersProgram = {
  /** Floors show every reader the bytes that a publisher sends, `frame_bytes` each. */
  connect(detail: ReadersTarget): Promise<void>;
  run(detail: Offer & { seconds: number }): Promise<ReadersReport>;
  /** One more reader of the whole history that reads nothing; or none. */
  stall(detail: boolean): Promise<void>;
};

export interface ReadersTarget {
  ws: string;
  publish?: string;
  token: string;
  readers: number;
  text_bytes: number;
  /** Absent for the broker. */
  frame_bytes?: number;
  isCentrifugo?: boolean;
}

export interface WatchersTarget {
  ws: string;
  token: string;
}

export interface WatchersReport {
  changes: number;
  /** Changes that were told to all watchers together. */
  deliveries: number;
  seconds: number;
  /** From when a change was meant to be made until a watcher had it. */
  latency: Latency;
  faults: Faults;
}

export type WatchersProgram = {
  /** Makes so many jobs. */
  make(detail: WatchersTarget & { jobs: number }): Promise<void>;
  /** All rows to one who begins to watch, alone or while another watches the same already. */
  snapshot(detail: {
    encoding: 'json' | 'msgpack';
    again: boolean;
  }): Promise<{ ms: number; bytes: number }>;
  watch(watchers: number): Promise<void>;
  run(detail: { rate: number; seconds: number }): Promise<WatchersReport>;
  /** How many rows of the newest mirror are not as the list tells them. */
  check(detail: undefined): Promise<number>;
};

export type IdleProgram = {
  connect(detail: { ws: string; token: string; connections: number }): Promise<void>;
  disconnect(detail: undefined): void;
};

/** The plan is that of a made-up history. */
export type ColdStoreProgram = HostProgram & {
  fill(detail: {
    events: number;
    commit_events: number;
    peers: number;
    text_bytes: number;
  }): Promise<{ commits: number; bytes: number }>;
};

export type ColdStartProgram = {
  /** Until the broker listens. */
  start(detail: { dir: string; url: string }): Promise<{ seconds: number; rss_bytes: number }>;
  /** Waits for a snapshot of that commit or a later one. */
  snapshot(detail: { dir: string; sequence: number }): Promise<{ rss_bytes: number }>;
};
