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

export interface Table {
  /** Log time in ms UTC. */
  time: number;
  /** Empty until the first event opened the log. */
  log: { id: string; mesh: string; level: number };
  gateways: GatewayRows;
  tokens: TokenRows;
  peers: PeerRows;
  asks: AskRows;
  messages: MessageRows;
  chains: ChainRows;
  inbox: InboxRows;
  jobs: JobRows;
  schedules: ScheduleRows;
  reviews: ReviewRows;
  usage: UsageRows;
  commands: CommandIds;
}

export function emptyTable(commandIds?: number): Table {
  return {
    time: 0,
    log: { id: '', mesh: '', level: 0 },
    gateways: new GatewayRows(),
    tokens: new TokenRows(),
    peers: new PeerRows(),
    asks: new AskRows(),
    messages: new MessageRows(),
    chains: new ChainRows(),
    inbox: new InboxRows(),
    jobs: new JobRows(),
    schedules: new ScheduleRows(),
    reviews: new ReviewRows(),
    usage: new UsageRows(),
    commands: new CommandIds(commandIds),
  };
}
