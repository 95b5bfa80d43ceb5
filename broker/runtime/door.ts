// What the gateway may ask of the broker: the whole of it, so that each can be read alone.
import type { MethodName } from '../../schemas/method.js';
import type { HistoryMark } from '../core/commits/marks.js';
import type { Table } from '../core/rows/table.js';
import type { FoundRecords, RecordsAsked } from '../core/timeline-reads.js';
import type { RecentChanges } from '../core/views/recent-changes.js';
import type {
  Answer,
  Author,
  BrokerInfo,
  Command,
  FoldedCommit,
  OldCommit,
} from '../core/words.js';
import type { ClockSkew } from '../system/mesh-time.js';
import type { Auditor } from './audit/auditor.js';
import type { BrokerFigures } from './health/figures.js';
import type { WebhookSender } from './webhooks/sender.js';

export interface Health {
  ready: boolean;
  checks: Record<string, { ok: boolean; detail: string }>;
}

export interface Door {
  readonly table: Table;
  /** Which rows the newest commits have touched. */
  readonly recent: RecentChanges;
  /** Verifies and exports the log. */
  readonly audit: Pick<Auditor, 'facts' | 'verify' | 'begin' | 'goOn'>;
  /** Keeps and tries secrets of webhooks; absent in a replay. */
  readonly webhooks?:
    | Pick<WebhookSender, 'keep' | 'forget' | 'look' | 'test' | 'figures'>
    | undefined;
  info(): BrokerInfo;
  health(): Health;
  /** Aborted, with the reason in words, once this broker has taken itself out of service. */
  readonly fenced: AbortSignal;
  figures(): BrokerFigures;
  /** By how much this broker's clock, its store's and log time disagree. */
  skew(): ClockSkew;
  /** Mesh time in ms UTC: log time moved on by the monotonic clock. It never goes back. */
  now(): number;
  /** Monotonic time in ms, which goes on where mesh time stands, as in a replay. */
  elapsed(): number;
  /**
   * Proposes the command's event. `done` is called exactly once, when the event is durable and
   * folded, or refused. `decided` is called once before that, as soon as a later command of the
   * same connection may follow without overtaking this one.
   */
  command(command: Command, decided: () => void, done: (answer: Answer) => void): void;
  /** Answers a reading method from the table, or from the log where rows have left the table. */
  read(method: MethodName, params: unknown, author: Author): Answer | Promise<Answer>;
  /** Resolves once everything stored before the call is folded. Rejects when the log is away. */
  caughtUp(): Promise<void>;
  /** A connection speaks for the peer from now on, or no longer; presence follows. */
  attach(peer: string): void;
  detach(peer: string): void;
  listen(listener: (commit: FoldedCommit) => void): () => void;
  /**
   * Old commits in order, from `sequence` to the newest folded one, with verdicts and digests;
   * `start` is a place before it that a replay told of earlier, from which less need be read.
   */
  replay(sequence: number, start?: HistoryMark): AsyncIterable<OldCommit>;
  /** The sequence of the last commit whose log time is before `time`. */
  sequenceAt(time: number): Promise<number>;
  /**
   * What a filter may let pass, as far as it is indexed; undefined when no index answers. Absent
   * where there is none.
   */
  records?(asked: Omit<RecordsAsked, 'find'>): Promise<FoundRecords | undefined>;
}
