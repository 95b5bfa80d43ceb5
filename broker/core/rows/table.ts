// The table: every row of every view, which together are the state of the mesh.
import type { ScheduleRow } from '../../../schemas/schedule.js';
import type { BudgetRow, UsageRow } from '../../../schemas/usage.js';
import { type AskRow, AskRows } from './asks.js';
import { BoardRows } from './boards.js';
import { ChainRows } from './chains.js';
import { CheckpointRows } from './checkpoints.js';
import { CommandIds } from './command-ids.js';
import { type GatewayRow, GatewayRows } from './gateways.js';
import { InboxRows, type Item } from './inbox.js';
import { type Job, JobRows } from './jobs.js';
import { LeaseRows } from './leases.js';
import { MessageRows } from './messages.js';
import { PeerRows, type PeerState } from './peers.js';
import { ReviewRows, type ReviewState } from './reviews.js';
import { ScheduleRows } from './schedules.js';
import { TokenRows, type TokenState } from './tokens.js';
import { UsageRows } from './usage.js';
import { WatchRows } from './watches.js';
import { WebhookRows } from './webhooks.js';

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
  watches: WatchRows,
  reviews: ReviewRows,
  usage: UsageRows,
  webhooks: WebhookRows,
  boards: BoardRows,
  leases: LeaseRows,
  checkpoints: CheckpointRows,
};

type RowsOf = typeof rowsOf;
type Noun = keyof RowsOf;

export type Rows = { [N in Noun]: InstanceType<RowsOf[N]> };
/** The same as plain rows. */
export type KeptRows = { [N in Noun]: ReturnType<Rows[N]['toSnapshot']> };

/** Of the nouns that hand out changes, the row they hand out. */
export interface ViewRows {
  peers: PeerState;
  asks: AskRow;
  inbox: Item;
  jobs: Job;
  schedules: ScheduleRow;
  reviews: ReviewState;
  usage: UsageRow | BudgetRow;
  tokens: TokenState;
  gateways: GatewayRow;
}

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

/**
 * The state before the first commit, at time 0 and level 0. `commandIds` is how many command ids it
 * remembers, by default `limits.command_memory_ids`.
 */
export function emptyTable(commandIds?: number): Table {
  const rows = ofEachNoun((_, Rows) => new Rows()) as Rows;
  const log = { id: '', mesh: '', level: 0 };
  return { time: 0, log, ...rows, commands: new CommandIds(commandIds) };
}
