// The table: every row of every view, which together are the state of the mesh.
import { AskRows } from './asks.js';
import { ChainRows } from './chains.js';
import { CommandIds } from './command-ids.js';
import { GatewayRows } from './gateways.js';
import { InboxRows } from './inbox.js';
import { JobRows } from './jobs.js';
import { MessageRows } from './messages.js';
import { PeerRows } from './peers.js';
import { ReviewRows } from './reviews.js';
import { ScheduleRows } from './schedules.js';
import { TokenRows } from './tokens.js';
import { UsageRows } from './usage.js';

/** The rows of each noun; every index of them is theirs to keep. */
const rowsOf = {
  gateways: GatewayRows,
  tokens: TokenRows,
  peers: PeerRows,
  asks: AskRows,
  messages: MessageRows,
  chains: ChainRows,
  inbox: InboxRows,
  jobs: JobRows,
  schedules: ScheduleRows,
  reviews: ReviewRows,
  usage: UsageRows,
};

type RowsOf = typeof rowsOf;
type Noun = keyof RowsOf;

export type Rows = { [N in Noun]: InstanceType<RowsOf[N]> };
/** The same as plain rows. */
export type KeptRows = { [N in Noun]: ReturnType<Rows[N]['toSnapshot']> };

interface RowsClass {
  new (): Rows[Noun];
  fromSnapshot(kept: never): Rows[Noun];
}

export interface Table extends Rows {
  /** Log time in ms UTC. */
  time: number;
  /** Empty until the first event opened the log. */
  log: { id: string; mesh: string; level: number };
  commands: CommandIds;
}

/** An object with something of each noun, in the order in which a snapshot has them. */
export function ofEachNoun(make: (noun: Noun, rows: RowsClass) => unknown): Record<Noun, unknown> {
  const entries = Object.entries(rowsOf) as [Noun, RowsClass][];
  const made = entries.map(([noun, rows]) => [noun, make(noun, rows)]);
  return Object.fromEntries(made) as Record<Noun, unknown>;
}

/** `commandIds` is how many command ids it remembers. */
export function emptyTable(commandIds?: number): Table {
  const rows = ofEachNoun((_, Rows) => new Rows()) as Rows;
  const log = { id: '', mesh: '', level: 0 };
  return { time: 0, log, ...rows, commands: new CommandIds(commandIds) };
}
