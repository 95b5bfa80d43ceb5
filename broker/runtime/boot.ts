// This gateway's boot: announced to the log, kept alive there, begun anew when judged lost.
import type { EventOf, EventType, SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { named } from '../../schemas/uuid.js';
import { LEVEL } from '../core/levels.js';
import type { Table } from '../core/rows/table.js';
import type { FoldedCommit } from '../core/words.js';
import { within } from '../system/deadline.js';
import type { MeshTime } from '../system/mesh-time.js';
import type { Committer } from './committer.js';
import type { Part } from './part.js';

export interface BootConfig {
  mesh: string;
  gateway: string;
  newId(): string;
  clock: MeshTime;
  table(): Table;
  committer: Committer;
  /** The operator has accepted that the log lost its tail: it goes on under a new log id. */
  acceptLoss: boolean;
  /** Resolves once another commit is folded. */
  nextCommit(): Promise<void>;
  /** This gateway was declared lost, and has announced itself under a new id. */
  onRestart(): void;
}

/**
 * One run of a gateway is a lease with a
 * [fencing token](https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html):
 * what is said in the name of a boot that was silent for too long is void.
 */
export class Boot implements Part {
  /** Another one after this gateway was declared lost. */
  id: string;
  readonly #config: BootConfig;
  #lastCommitAt = 0;
  /** When log time was last moved on with an empty commit. */
  #movedAt = Number.NEGATIVE_INFINITY;
  #isBegun = false;
  #wasKnown = false;
  /** The boots that have been silent for too long; said too early it is void, and said again. */
  #doomed = new Map<string, Doomed>();

  constructor(id: string, config: BootConfig) {
    this.id = id;
    this.#config = config;
  }

  /** Opens an empty log, or a new one after an accepted loss; then announces this boot. */
  replayed(): void {
    const { mesh, newId, table, acceptLoss } = this.#config;
    this.#isBegun = true;
    const { id, level } = table().log;
    if (id === '' || acceptLoss) {
      const opened = { mesh, level: LEVEL, log: named('log', newId()), circle: '*' };
      this.say({ ...opened, type: 'log.opened', ...(id === '' ? {} : { replaces: id }) });
    }
    // From here on this broker's rules hold; one that does not know them stops.
    else if (level < LEVEL) this.say({ type: 'log.leveled', circle: '*', level: LEVEL });
    this.#announce();
  }

  folded(_: FoldedCommit, own: readonly SignalEvent[] | undefined): void {
    if (own !== undefined) this.#lastCommitAt = this.#config.clock.elapsed();
    if (this.#isBegun && this.#isLost()) this.#restart();
  }

  /** True when the log has ended this boot, or its announcement did not come through. */
  #isLost(): boolean {
    const { committer, table } = this.#config;
    const stands = table().gateways.rows.has(this.id);
    if (stands) this.#wasKnown = true;
    // While the announcement is under way, other brokers' commits must not make it begin anew.
    return !stands && (this.#wasKnown || committer.isSettled);
  }

  /** Goes on as a new boot; whoever is connected here is connected through it. */
  #restart(): void {
    const { committer, newId, onRestart } = this.#config;
    this.id = named('boot', newId());
    this.#wasKnown = false;
    committer.reboot(this.id);
    this.#announce();
    onRestart();
  }

  /** Moves log time while the mesh is idle, and proposes what other boots' silence means. */
  tick(): void {
    const { clock, committer, table } = this.#config;
    const moment = clock.elapsed();
    const isSilent = moment - this.#lastCommitAt >= limits.boot_silence_ms;
    const { inbox } = table();
    const isDue = (inbox.nextExpiry() ?? Number.POSITIVE_INFINITY) <= clock.now();
    // Once a tick at most: log time may be a little behind what is expected of it.
    const isNext = moment - this.#movedAt >= limits.tick_ms / 2;
    if ((isSilent || clock.hasLeapt() || (isDue && isNext)) && committer.isIdle) {
      this.#movedAt = moment;
      committer.proposeNothing();
    }
    // After a sleep of all nobody has been silent: whoever lives says so first.
    if (clock.sinceLeap() >= limits.boot_lost_ms) this.#mourn(moment);
  }

  /** The living say it in the order of their boots: one does, and the log is not filled. */
  #mourn(moment: number): void {
    const { time, gateways } = this.#config.table();
    const doomed = new Map<string, Doomed>();
    let rank = 0;
    for (const { boot, last_seen } of gateways.rows.values()) {
      if (boot === this.id) continue;
      const never = { foundAt: moment, saidAt: Number.NEGATIVE_INFINITY };
      const isLost = time - last_seen >= limits.boot_lost_ms;
      if (isLost) doomed.set(boot, this.#doomed.get(boot) ?? never);
      else if (boot < this.id) rank++;
    }
    for (const [boot, note] of doomed) {
      const isMyTurn = moment - note.foundAt >= rank * limits.due_rank_ms;
      if (!isMyTurn || moment - note.saidAt < limits.boot_silence_ms) continue;
      note.saidAt = moment;
      this.say({ type: 'gateway.lost', circle: '*', boot });
    }
    this.#doomed = doomed;
  }

  /**
   * Undefined but after a sleep, when mesh time may be hours behind: a commit then tells what the
   * store says, or is waited for in vain.
   */
  timeKnown(): Promise<void> | undefined {
    const { clock, committer, nextCommit } = this.#config;
    if (!clock.hasLeapt()) return undefined;
    if (committer.isIdle) committer.proposeNothing();
    return within(nextCommit(), limits.answer_wait_ms, undefined);
  }

  #announce(): void {
    const { gateway } = this.#config;
    this.say({ type: 'gateway.started', circle: '*', gateway, boot: this.id });
  }

  /** Proposes an event as this boot; its id, unless it was refused. */
  say<T extends EventType>(data: Data<T>): string | undefined {
    const id = this.#config.newId();
    const event = { v: 1, id, by: this.id, ...data } as unknown as SignalEvent;
    return this.#config.committer.propose(event) === undefined ? id : undefined;
  }
}

/** Monotonic ms: since when its silence is known here, and when it was last proposed as lost. */
interface Doomed {
  foundAt: number;
  saidAt: number;
}

type Data<T extends EventType> = Omit<EventOf<T>, 'v' | 'id' | 'by' | 'token'> & { type: T };
