// The checkpointer, a notary: signs what this broker folded, and holds its state to others' claims.
import { limits } from '../../../schemas/limits.js';
import { type CheckpointFacts, checkpointText, isSignedBy } from '../../core/audit/checkpoint.js';
import type { Fold } from '../../core/fold.js';
import type { CheckpointRow, StatePoint } from '../../core/rows/checkpoints.js';
import type { FoldedCommit } from '../../core/words.js';
import type { Signer } from '../../disk/signing-key.js';
import { FENCED } from '../handlers/unavailable.js';
import type { Part, PartContext } from '../part.js';
import { ProposerOrder } from '../proposer-order.js';
import { isComparable, majorityAgainst } from './majority.js';

export type SignedCheckpoint = Omit<CheckpointFacts, 'log' | 'mesh'> &
  Pick<CheckpointRow, 'key' | 'signature'>;

export interface CheckpointerConfig extends Pick<PartContext, 'boot'> {
  fold: Pick<Fold, 'table' | 'sequence' | 'digest' | 'events'>;
  signer: Signer;
  /** Monotonic ms, and mesh time in ms UTC. */
  elapsed(): number;
  now(): number;
  /** How long after a checkpoint the next one is due, and the first; shorter in tests. */
  every_ms?: number | undefined;
  /** Hands the checkpoint to the log; its id, unless it was refused. */
  propose(checkpoint: SignedCheckpoint): string | undefined;
  /** The hash of the state at a state point, once the follower has it. */
  stateAt(sequence: number): Promise<string | undefined>;
  /** Reads the log again up to a commit: why it is not what was folded, or undefined. */
  recheck(sequence: number): Promise<string | undefined>;
  /** Takes this broker out of service, for a reason in words. */
  fence(reason: string): void;
  onWarning(line: string): void;
}

/**
 * One broker usually signs, the first in rank; more do no harm. What one broker says of the state
 * fences nobody: who differs says so, signed, and only a broker that more keys speak against than
 * for takes itself out of service. Of two that differ neither can tell who is right.
 */
export class Checkpointer implements Part {
  readonly #config: CheckpointerConfig;
  readonly #order = new ProposerOrder();
  /** The hash of the state at the newest state points, by sequence. */
  readonly #states = new Map<number, string>();
  #isLive = false;
  /** How many events the log held when the newest checkpoint was folded. */
  #eventsThen = 0;
  /** Monotonic ms: since when it serves, since when one is due, and when one was last proposed. */
  #liveSince = 0;
  #dueSince: number | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;
  #warnedOf = -1;
  #isChecking = false;

  constructor(config: CheckpointerConfig) {
    this.#config = config;
  }

  replayed(): void {
    this.#isLive = true;
    this.#liveSince = this.#config.elapsed();
  }

  folded({ sequence, records }: FoldedCommit): void {
    const point = this.#checkpoints.points.at(-1);
    if (this.#isLive && point?.sequence === sequence) this.#learnState(point);
    for (const { type, event, void: reason } of records) {
      if (type !== 'log.checkpointed' || event?.type !== type) continue;
      if (reason === undefined) {
        this.#eventsThen = this.#config.fold.events;
        if (this.#isLive && event.state !== undefined) this.#compare(event.sequence);
      } else if (reason === 'diverged' && this.#isLive) {
        const { log } = this.#config.fold.table;
        const text = checkpointText({ ...event, log: log.id, mesh: log.mesh });
        if (isSignedBy(event.key, text, event.signature)) this.#recheck(event.sequence, event.key);
      }
    }
  }

  #learnState(point: StatePoint): void {
    const { stateAt } = this.#config;
    stateAt(point.sequence).then(
      state => state !== undefined && this.#stateKnown(point.sequence, state),
      // A follower that is away has no say in this one.
      () => {},
    );
  }

  #stateKnown(sequence: number, state: string): void {
    this.#states.set(sequence, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= limits.checkpoint_points_rows) break;
      this.#states.delete(oldest);
    }
    if (this.#isLive) this.#compare(sequence);
  }

  tick(): void {
    const { fold, boot, elapsed } = this.#config;
    if (!this.#isLive || fold.table.log.level < 3) return;
    const moment = elapsed();
    this.#order.listen(fold.table.gateways.rows, moment);
    if (!this.#isDue()) {
      this.#dueSince = undefined;
      return;
    }
    this.#dueSince ??= moment;
    const rank = this.#order.of(boot());
    const isMyTurn = moment - this.#dueSince >= rank * limits.due_rank_ms;
    if (!isMyTurn || moment - this.#saidAt < limits.due_again_ms) return;
    if (rank > 0) this.#order.passOver(boot(), this.#dueSince);
    this.#saidAt = moment;
    this.#say(this.#newestState() ?? this.#head());
  }

  get #checkpoints() {
    return this.#config.fold.table.checkpoints;
  }

  /** Never where nothing has happened since the last: an idle mesh does not grow by being idle. */
  #isDue(): boolean {
    const { fold, now, elapsed, every_ms = limits.checkpoint_every_ms } = this.#config;
    if (fold.events <= this.#eventsThen) return false;
    const first = Math.min(every_ms, limits.checkpoint_first_ms);
    const last = this.#checkpoints.newest();
    if (last === undefined) return elapsed() - this.#liveSince >= first;
    if (this.#newestState() !== undefined) return true;
    const since = now() - last.time;
    const isFar = fold.sequence - last.sequence >= limits.checkpoint_every_commits;
    return since >= every_ms || (isFar && since >= first);
  }

  /** The newest state point that nobody has signed, with its state. */
  #newestState() {
    const point = this.#checkpoints.points.at(-1);
    const state = point && this.#states.get(point.sequence);
    if (point === undefined || state === undefined) return undefined;
    const isSaid = this.#checkpoints.claims.some(claim => claim.sequence === point.sequence);
    return isSaid ? undefined : { ...point, state };
  }

  #head() {
    const { sequence, digest, events } = this.#config.fold;
    return { sequence, digest: Buffer.from(digest).toString('hex'), events };
  }

  #say(facts: Omit<CheckpointFacts, 'log' | 'mesh'>): void {
    const { fold, signer, propose } = this.#config;
    const { id: log, mesh } = fold.table.log;
    const signature = signer.sign(checkpointText({ ...facts, log, mesh }));
    propose({ ...facts, key: signer.key, signature });
  }

  /** Holds our state at a commit to what others claim of it. */
  #compare(sequence: number): void {
    const { signer, fold, fence, onWarning } = this.#config;
    const own = this.#states.get(sequence);
    if (own === undefined) return;
    const { id: log, mesh } = fold.table.log;
    const claims = this.#checkpoints.claims.filter(
      claim =>
        claim.sequence === sequence &&
        isComparable(claim.state, own) &&
        isSignedBy(claim.key, checkpointText({ ...claim, log, mesh }), claim.signature),
    );
    if (claims.every(claim => claim.state === own)) return;
    const who = claims.filter(claim => claim.state !== own).map(claim => claim.by);
    if (this.#warnedOf !== sequence) {
      this.#warnedOf = sequence;
      onWarning(`the state at commit ${sequence} is another here than at ${who.join(', ')}`);
    }
    const point = this.#checkpoints.points.find(each => each.sequence === sequence);
    const isSaid = claims.some(claim => claim.key === signer.key);
    if (!isSaid && point !== undefined) this.#say({ ...point, state: own });
    if (isSaid && majorityAgainst(claims, own)) {
      fence(`${FENCED}: its state ${placeOf(sequence)} is not that of most brokers`);
    }
  }

  /** Another broker folded other bytes than we did: the store says which of us is wrong. */
  #recheck(sequence: number, key: string): void {
    const { recheck, fence, onWarning } = this.#config;
    onWarning(`key ${key.slice(0, 8)} signed another history at commit ${sequence} than is here`);
    if (this.#isChecking) return;
    this.#isChecking = true;
    recheck(sequence)
      .then(reason => {
        if (reason !== undefined) fence(`${FENCED}: ${placeOf(sequence)} or before, ${reason}`);
      })
      .catch(error => onWarning(`the log could not be read again: ${error.message}`))
      .finally(() => {
        this.#isChecking = false;
      });
  }
}

function placeOf(sequence: number): string {
  return `at commit ${sequence} (position ${sequence * limits.commit_positions})`;
}
