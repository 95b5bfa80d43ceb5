// What a broker is made from, and whom it tells when something is wrong.
import type { Fold } from '../core/fold.js';
import type { Signer } from '../disk/signing-key.js';
import type { SecretStore } from '../disk/webhook-secrets.js';
import type { StreamSize } from '../log/byte-limit.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';
import type { Timeline } from '../timeline/timeline.js';
import type { Asker } from './github-intake.js';

export interface BrokerConfig {
  log: Log;
  /** Where folding begins: empty, or restored from a snapshot. */
  fold: Fold;
  /** When the store took the commit at which the fold begins, in ms UTC; absent: at none. */
  foldedAt?: number | undefined;
  /** What follows the log beside this broker; absent: nothing does. */
  timeline?: Timeline | undefined;
  clock: Clock;
  mesh: string;
  /** The same through all boots of one data directory. */
  gateway: string;
  version: string;
  /** Stands before the log id, so that cursors of the log itself are foreign; absent: nothing. */
  logPrefix?: string | undefined;
  /** What an acknowledged commit survives just now. */
  durability(): string;
  /** A new uuid v7, made at a time in ms UTC. */
  newId(time: number): string;
  /** Makes the secret of what a command creates. */
  secretFor(id: string): string;
  /** Where secrets of webhooks are kept that somebody chose; absent: none is told from here. */
  webhookSecrets?: SecretStore | undefined;
  /** Signs checkpoints and exports. */
  signer: Signer;
  /** How long after a checkpoint the next is due; shorter in tests. */
  checkpointEveryMs?: number | undefined;
  /** What an earlier boot had folded: the log must still hold it. */
  highWater?: { sequence: number; digest: string } | undefined;
  /** The operator has accepted that the log lost its tail: it goes on under a new log id. */
  acceptLoss: boolean;
  /** Who is asked about pull requests when somebody looks; absent: nobody. */
  github?: Asker | undefined;
  /** The history broke: nothing more is served, the process should end. */
  onHalt(reason: string): void;
  /** The log did not take a commit: it is full, fails, or keeps silent. */
  onFailing(reason: string): void;
  /** Whether there is no space left where the log is; asked while it fails. */
  isDiskFull(): boolean;
  onWarning(line: string): void;
  /** How large the log is and may become, as it was last seen; absent where nobody looks. */
  storeSize?(): StreamSize | undefined;
}
