// The broker's loop: commands, commits, ticks and peers that come and go, taken one at a time.
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { CommandName, MethodName } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import { named } from '../../schemas/uuid.js';
import type { Archive } from '../archive/archive.js';
import { Refold } from '../archive/refold.js';
import { replay, sequenceAt } from '../archive/replay.js';
import type { OwnCommit } from '../core/commits/commit-bytes.js';
import { formatCursor } from '../core/cursor.js';
import { BrokenHistory, type Fold } from '../core/fold.js';
import type { Table } from '../core/rows/table.js';
import type { Answer, Author, BrokerInfo, Command, Delivery, FoldedCommit } from '../core/words.js';
import type { Follower } from '../log/log.js';
import { CURE, lostTail } from '../log/store/survey.js';
import { answerQuery } from '../reads/queries.js';
import { faultsTo } from '../system/fault.js';
import { MeshTime } from '../system/mesh-time.js';
import { Barrier } from './barrier.js';
import { Boot } from './boot.js';
import type { BrokerConfig } from './broker-config.js';
import { CommandHandler } from './command-handler.js';
import { Committer } from './committer.js';
import type { Door, Health } from './door.js';
import { Observer } from './github-intake.js';
import { healthOf, isHeard, Warnings } from './health.js';
import { Listeners } from './listeners.js';
import { Timekeeper } from './timekeeper.js';

export class Broker implements Door {
  /** Takes what GitHub says of pull requests. */
  readonly observer: Observer;
  private readonly config: BrokerConfig;
  private readonly fold: Fold;
  private readonly time: MeshTime;
  private readonly warnings: Warnings;
  private readonly committer: Committer;
  private readonly barrier: Barrier;
  private readonly desk: CommandHandler;
  private readonly archive: Archive;
  private readonly boot: Boot;
  private readonly timekeeper: Timekeeper;
  private readonly listeners: Listeners;
  readonly listen: Door['listen'];
  readonly now: Door['now'];
  readonly skew: Door['skew'];
  private follower: Follower | undefined;
  private ticker: NodeJS.Timeout | undefined;
  private phase: 'replaying' | 'serving' | 'halted' | 'closed' = 'replaying';

  constructor(config: BrokerConfig) {
    const { log } = config;
    const clock = new MeshTime(config.clock);
    const newId = () => config.newId(clock.now());
    this.config = config;
    this.fold = config.fold;
    this.time = clock;
    this.now = clock.now;
    this.skew = () => clock.skew();
    this.warnings = new Warnings(config.onWarning);
    const boot = named('boot', newId());
    const failed = faultsTo(config.onWarning);
    this.listeners = new Listeners(failed);
    this.listen = listener => this.listeners.add(listener);
    this.barrier = new Barrier(log);
    this.archive = new Refold(log);
    this.committer = new Committer(boot, {
      log,
      clock,
      onRefused: (events, reason) => this.refused(events, reason),
      onFailing: config.onFailing,
      isDiskFull: config.isDiskFull,
    });
    this.boot = new Boot(boot, {
      ...config,
      clock,
      newId,
      committer: this.committer,
      nextCommit: () => this.barrier.past(this.fold.sequence + 1),
      table: () => this.table,
      propose: event => this.propose(event),
    });
    this.timekeeper = new Timekeeper({
      now: clock.now,
      elapsed: clock.elapsed,
      table: () => this.table,
      boot: () => this.boot.id,
      propose: event => this.boot.say(event),
    });
    const shared = {
      ...config,
      clock,
      newId,
      boot: () => this.boot.id,
      propose: (event: SignalEvent) => this.propose(event),
      isServing: () => this.phase === 'serving' && isHeard(clock, log),
      table: () => this.table,
    };
    this.observer = new Observer(shared);
    this.desk = new CommandHandler({
      ...shared,
      barrier: this.barrier,
      timeKnown: () => this.boot.timeKnown(),
      archive: this.archive,
      trouble: () => this.trouble,
      cursor: () => this.cursor(),
      sequence: () => this.fold.sequence,
      failed,
    });
  }

  /** Why the log takes nothing just now, as far as its store says so. */
  get trouble(): string | undefined {
    return this.committer.trouble;
  }

  get table(): Table {
    return this.fold.table;
  }

  /** Replays the log, then announces this boot. Throws when the log is not what it was. */
  async start(): Promise<void> {
    const { log, highWater, mesh, acceptLoss } = this.config;
    const head = await log.head();
    if (highWater !== undefined && head < highWater.sequence && !acceptLoss) {
      throw new BrokenHistory(`${lostTail(head, highWater.sequence)} ${CURE}`);
    }
    const broken = new Promise<never>((_, reject) => {
      this.follower = log.follow(this.fold.sequence + 1, {
        onCommit: delivery => this.commit(delivery, reject),
        onBroken: reason => this.halt(reason, reject),
      });
    });
    await Promise.race([broken, this.barrier.past(head)]);
    const opened = this.table.log;
    if (opened.id !== '' && opened.mesh !== mesh) {
      throw new BrokenHistory(`The log belongs to mesh "${opened.mesh}"; start with --mesh.`);
    }
    this.boot.begin(acceptLoss);
    await Promise.race([broken, this.barrier.reached()]);
    this.time.settle();
    this.warnings.look(this.fold, this.time);
    this.phase = 'serving';
    this.ticker = setInterval(() => this.tick(), limits.tick_ms);
  }

  async close(): Promise<void> {
    clearInterval(this.ticker);
    this.timekeeper.close();
    if (this.phase === 'serving') this.phase = 'closed';
    this.desk.close();
    this.observer.close();
    this.committer.close();
    this.follower?.stop();
  }

  command<M extends CommandName>(
    command: Command<M>,
    decided: () => void,
    done: (answer: Answer) => void,
  ): void {
    this.desk.command(command, decided, done);
  }

  read(method: MethodName, params: unknown, author: Author): Answer | Promise<Answer> {
    const [clock, log] = [this.time, this.config.log];
    if (this.phase !== 'serving' || !isHeard(clock, log)) return this.desk.away();
    const look = () => {
      const context = {
        table: this.table,
        archive: this.archive,
        author,
        now: this.time.now(),
        sequence: this.fold.sequence,
        cursor: this.cursor(),
        info: this.info(),
        malformed: this.fold.malformed,
        learn: this.config.github && this.observer.learn,
      };
      return answerQuery(method, context, params) ?? refuse('method_unknown', 'No such method.');
    };
    return this.desk.fresh(look);
  }

  caughtUp(): Promise<void> {
    return this.barrier.reached();
  }

  attach(peer: string): void {
    this.boot.presence.attach(this.table, this.boot.id, peer);
  }

  detach(peer: string): void {
    this.boot.presence.detach(this.table, this.boot.id, peer);
  }

  replay(sequence: number): AsyncIterable<FoldedCommit> {
    return replay(this.config.log, this.fold, sequence);
  }

  sequenceAt(time: number): Promise<number> {
    return sequenceAt(this.config.log, this.fold, time);
  }

  info(): BrokerInfo {
    const { mesh, gateway, durability, version } = this.config;
    const { sequence, digest } = this.fold;
    return { mesh, log: this.table.log.id, gateway, durability, version, sequence, digest };
  }

  health(): Health {
    return healthOf(this.phase, this.fold, this.time, this.config.log);
  }

  private cursor(): string {
    return formatCursor(this.table.log.id, this.fold.sequence, this.fold.digest);
  }

  private commit(delivery: Delivery, reject: (error: Error) => void): void {
    if (this.phase === 'halted') return;
    try {
      const commit = this.fold.commit(delivery, bytes => this.mine(bytes, delivery));
      this.time.folded(commit.time, delivery.storedAt);
      this.assertUnchanged(commit);
      this.folded(commit);
    } catch (error) {
      if (!(error instanceof BrokenHistory)) throw error;
      this.halt(error.message, reject);
    }
  }

  private folded(commit: FoldedCommit): void {
    // What others wait for leaves before the answers to those who caused it.
    this.listeners.tell(commit);
    this.desk.folded(commit);
    this.observer.folded(commit);
    this.barrier.noteFolded(commit.sequence);
    if (this.phase !== 'serving') return;
    this.timekeeper.folded(commit);
    if (!this.boot.isLost()) return;
    this.config.onWarning('this gateway was declared lost; it goes on as a new boot');
    this.boot.restart();
  }

  /** What an earlier boot vouched for outside the log must be what the log still says. */
  private assertUnchanged({ sequence, digest }: FoldedCommit): void {
    const { highWater, acceptLoss } = this.config;
    if (sequence !== highWater?.sequence || acceptLoss) return;
    if (Buffer.from(digest).toString('hex') !== highWater.digest) {
      throw new BrokenHistory(
        `Commit ${sequence} or one before it is not what it was when acknowledged. ${CURE}`,
      );
    }
  }

  /** Our own commit, which is settled with its return. */
  private mine(bytes: Uint8Array, { storedAt }: Delivery): OwnCommit | undefined {
    const own = this.committer.returned(bytes);
    if (own !== undefined) {
      this.boot.noteCommit();
      this.time.returned(own.commit, storedAt);
      this.boot.presence.settled(own.events);
      this.barrier.noteSettled(own.events.length);
    }
    return own;
  }

  private propose(event: SignalEvent): Refusal | undefined {
    const refusal = this.committer.propose(event);
    if (refusal === undefined) this.barrier.noteProposed();
    return refusal;
  }

  private refused(events: readonly SignalEvent[], reason: string): void {
    this.barrier.noteSettled(events.length);
    this.desk.refused(events, reason);
    this.timekeeper.refused(events);
    this.observer.refused(events);
    this.boot.presence.settled(events);
    this.config.onFailing(reason);
  }

  /** What the ticker does; a test with a hand-turned clock may do it too. */
  tick(): void {
    this.boot.tick();
    this.timekeeper.tick();
    this.desk.expire();
    this.observer.tick();
    this.warnings.look(this.fold, this.time);
  }

  private halt(reason: string, reject: (error: Error) => void): void {
    const isServing = this.phase === 'serving';
    this.phase = 'halted';
    this.follower?.stop();
    reject(new BrokenHistory(reason));
    if (isServing) this.config.onHalt(reason);
  }
}
