// The command handler: decides each command, and answers once the log has settled its event.
import { eventOfMethod, type SignalEvent } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Parsed } from '../../../schemas/method.js';
import { isRefusal, type Refusal, stateRefusals } from '../../../schemas/refusal.js';
import type { Archive } from '../../archive/archive.js';
import { answerTo } from '../../core/answer.js';
import type { ColdRead } from '../../core/archive.js';
import { decide, recalled } from '../../core/decide.js';
import type { Remembered } from '../../core/rows/command-ids.js';
import { rights } from '../../core/rows/rights.js';
import type { AnswerContext, CommandOutcome } from '../../core/shared/answers.js';
import type { Context } from '../../core/shared/command-context.js';
import { hashSecret } from '../../core/tokens/secret.js';
import type { Answer, Command, FoldedCommit } from '../../core/words.js';
import { isMistake } from '../../system/fault.js';
import type { MeshTime } from '../../system/mesh-time.js';
import type { Barrier } from '../barrier.js';
import type { Part, PartContext } from '../part.js';
import {
  answerAll,
  type PendingCommand,
  PendingCommands,
  pending,
  repeats,
  reused,
} from './pending.js';
import { away, behind, isBeyond, notTaken } from './unavailable.js';

export interface CommandHandlerConfig extends PartContext {
  clock: MeshTime;
  barrier: Barrier;
  archive: Archive;
  secretFor(id: string): string;
  cursor(): string;
  sequence(): number;
  /** Set while it must first be learnt what time it is; resolves in any case. */
  timeKnown(): Promise<void> | undefined;
  /** Why the log takes nothing just now, as far as its store says so. */
  trouble(): string | undefined;
  /** Says the cause of a fault of ours; what the call that met it is answered. */
  failed(error: unknown): Refusal;
}

/**
 * A command and its repeats are one event and one answer: its id is an
 * [idempotency key](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
 */
export class CommandHandler implements Part {
  readonly #config: CommandHandlerConfig;
  readonly #pending = new PendingCommands();

  readonly #isBeingClaimed = (job: string): boolean => this.#pending.claimed.has(job);

  constructor(config: CommandHandlerConfig) {
    this.#config = config;
  }

  /** Takes a command in; see `Door.command`. */
  command(command: Command, decided: () => void, done: PendingCommand['done']): void {
    const { timeKnown, newId, failed } = this.#config;
    const take = () => this.#attempt(pending(command, newId, decided, done), false);
    const known = timeKnown();
    if (known === undefined) take();
    else
      known.then(take).catch(error => {
        decided();
        done(failed(error));
      });
  }

  folded({ records }: FoldedCommit): void {
    for (const { event, position, void: reason, receipt } of records) {
      const command = event === undefined ? undefined : this.#pending.get(event.id);
      if (event === undefined || command === undefined) continue;
      const { method, by } = command;
      // Somebody else's use of the same id settles nothing here: ours is still to come.
      if (event.by !== by || event.type !== eventOfMethod(method)) continue;
      this.#pending.settle(command);
      const first = reason === 'duplicate' ? this.#remembered(event.id) : undefined;
      const isFirst = first === undefined || repeats(command, first);
      const outcome = first ?? { position, reason, receipt, event };
      answerAll(command, isFirst ? this.#answer(command, outcome) : reused());
    }
  }

  /** The log did not take these: nothing has happened, and trying again later may help. */
  refused(events: readonly SignalEvent[], reason: string): void {
    for (const { id } of events) {
      const command = this.#pending.get(id);
      if (command === undefined) continue;
      this.#pending.settle(command);
      answerAll(command, notTaken(reason));
    }
  }

  /** Tells who has waited too long: the outcome is not known, the same id will settle it. */
  tick(): void {
    this.#giveUp(this.#config.clock.elapsed() - limits.answer_wait_ms);
  }

  close(): void {
    this.#giveUp(Number.POSITIVE_INFINITY);
  }

  #giveUp(before: number): void {
    for (const command of this.#pending.takeBefore(before)) answerAll(command, this.#away());
  }

  #away(): Refusal {
    return away(this.#config.trouble());
  }

  #remembered(id: string): Remembered | undefined {
    return this.#config.table().commands.find(id);
  }

  /** Whether a joining peer has seen commits that this broker has not folded. */
  #isBehind({ method, params }: PendingCommand): boolean {
    const seen = method === 'peer.join' ? (params as Parsed<'peer.join'>).min_position : undefined;
    return isBeyond(seen, this.#config.sequence());
  }

  /** Looks at the command once more when all is folded that was stored before it came. */
  #whenFresh(command: PendingCommand): void {
    const { barrier, failed } = this.#config;
    const again = () => this.#attempt(command, true);
    barrier
      .reached()
      .then(again, () => this.#finish(command, this.#away()))
      .catch(error => this.#finish(command, failed(error)));
  }

  #attempt(command: PendingCommand, isFresh: boolean): void {
    if (this.#isBehind(command)) {
      if (isFresh) this.#finish(command, behind(this.#config.sequence()));
      else this.#whenFresh(command);
      return;
    }
    if (!this.#config.isServing()) {
      this.#finish(command, this.#away());
      return;
    }
    const first = this.#pending.get(command.id) ?? this.#remembered(command.id);
    if (first !== undefined) {
      this.#repeat(command, first);
      return;
    }
    const event = decide(this.#context(command), command.method, command.params);
    if (isRefusal(event)) this.#objected(command, event, isFresh);
    else this.#launch(command, event);
  }

  /** Answers a repeat as the first was, or will be. */
  #repeat(command: PendingCommand, first: PendingCommand | Remembered): void {
    if ('position' in first) this.#finish(command, this.#again(command, first));
    else if (!repeats(command, first)) this.#finish(command, reused());
    else {
      first.repeats ??= [];
      first.repeats.push(command.done);
      command.decided();
    }
  }

  #launch(command: PendingCommand, event: SignalEvent): void {
    const refusal = this.#config.propose(event);
    if (refusal !== undefined) {
      this.#finish(command, refusal);
      return;
    }
    command.since = this.#config.clock.elapsed();
    if (event.type === 'job.claimed') command.claims = event.job;
    this.#pending.add(command);
    command.decided();
  }

  /** A refusal, unless a broker that is behind or has forgotten would give it wrongly. */
  #objected(command: PendingCommand, refusal: Refusal, isFresh: boolean): void {
    if (!isFresh && stateRefusals.has(refusal.refusal)) {
      this.#whenFresh(command);
      return;
    }
    const read = this.#recall(command, refusal);
    if (read === undefined) {
      this.#finish(command, refusal);
      return;
    }
    const { archive, sequence, failed } = this.#config;
    archive.find(read, sequence()).then(
      answer => this.#finish(command, answer),
      error => this.#finish(command, isMistake(error) ? failed(error) : this.#away()),
    );
  }

  #recall(command: PendingCommand, refusal: Refusal): ColdRead<Answer> | undefined {
    if (refusal.refusal !== 'command_stale') {
      return recalled(this.#context(command), command, refusal);
    }
    const told = (first: Remembered | undefined) =>
      first === undefined ? refusal : this.#again(command, first);
    return { find: 'command', id: command.id, told };
  }

  #finish(command: PendingCommand, answer: Answer): void {
    command.decided();
    answerAll(command, answer);
  }

  /** The answer that the first of this id had, where it was the same command. */
  #again(command: PendingCommand, first: Remembered): Answer {
    if (!repeats(command, first)) return reused();
    command.isRepeat = true;
    return this.#answer(command, first);
  }

  #answer(command: PendingCommand, outcome: CommandOutcome): Answer {
    const { table, cursor, secretFor, clock } = this.#config;
    const context: AnswerContext = { table: table(), cursor, secretFor, now: clock.now };
    try {
      return { result: answerTo(context, command, outcome) };
    } catch (error) {
      return this.#config.failed(error);
    }
  }

  #context({ author, connected }: Command): Context {
    const { table, secretFor, boot, clock } = this.#config;
    const now = clock.now();
    return {
      table: table(),
      author,
      held: rights(table(), author.token, now) ?? NOTHING,
      now,
      latest: clock.latest(),
      boot: connected ? boot() : undefined,
      secretFor,
      hashSecret,
      isBeingClaimed: this.#isBeingClaimed,
    };
  }
}

const NOTHING = { token: '', circles: [], roles: [], verbs: [] };
