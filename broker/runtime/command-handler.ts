// The command handler: decides each command, and answers once the log has settled its event.
import { eventOfMethod, type SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { CommandName, Parsed } from '../../schemas/method.js';
import { isRefusal, type Refusal, stateRefusals } from '../../schemas/refusal.js';
import type { Archive } from '../archive/archive.js';
import { answerTo } from '../core/answer.js';
import type { ColdRead } from '../core/archive.js';
import { recallAsk } from '../core/asks/unknown-ask.js';
import { authorOf, decide } from '../core/decide.js';
import { recallJob } from '../core/jobs/recall.js';
import type { Remembered } from '../core/rows/command-ids.js';
import { rights } from '../core/rows/rights.js';
import type { Table } from '../core/rows/table.js';
import type { AnswerContext } from '../core/shared/answers.js';
import type { Context } from '../core/shared/command-context.js';
import type { Outcome } from '../core/shared/outcome.js';
import { hashSecret } from '../core/shared/secret.js';
import type { Answer, Command, FoldedCommit } from '../core/words.js';
import { isMistake } from '../system/fault.js';
import type { MeshTime } from '../system/mesh-time.js';
import type { Barrier } from './barrier.js';
import type { Part } from './part.js';
import { answerAll, type PendingCommand, PendingCommands, repeats, reused } from './pending.js';
import { away, behind, notTaken } from './unavailable.js';

export interface CommandHandlerConfig {
  clock: MeshTime;
  barrier: Barrier;
  archive: Archive;
  newId(): string;
  secretFor(id: string): string;
  boot(): string;
  cursor(): string;
  table(): Table;
  sequence(): number;
  isServing(): boolean;
  /** Set while it must first be learnt what time it is; resolves in any case. */
  timeKnown(): Promise<void> | undefined;
  /** Why the log takes nothing just now, as far as its store says so. */
  trouble(): string | undefined;
  /** Says the cause of a fault of ours; what the call that met it is answered. */
  failed(error: unknown): Refusal;
  /** Hands the event to the log; a refusal when it is too large or the queue is full. */
  propose(event: SignalEvent): Refusal | undefined;
}

type Done = (answer: Answer) => void;

/**
 * A command and its repeats are one event and one answer: its id is an
 * [idempotency key](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
 */
export class CommandHandler implements Part {
  readonly #config: CommandHandlerConfig;
  readonly #pending = new PendingCommands();

  constructor(config: CommandHandlerConfig) {
    this.#config = config;
  }

  /** Takes a command in; see `Door.command`. */
  command(command: Command, decided: () => void, done: Done): void {
    const known = this.#config.timeKnown();
    if (known === undefined) this.#take(command, decided, done);
    else known.then(() => this.#take(command, decided, done));
  }

  #take({ method, params: given, author, connected }: Command, decided: () => void, done: Done) {
    const params = this.#withId(given);
    const { id } = params;
    const by = authorOf(method, author);
    const command: PendingCommand = {
      method,
      params,
      author,
      connected,
      id,
      by,
      peer: author.peer,
      isRepeat: false,
      since: 0,
      claims: undefined,
      decided,
      waiters: [done],
    };
    if (this.#isBehind(command)) this.#whenFresh(command, () => this.#attempt(command, true));
    else this.#attempt(command, false);
  }

  #withId(params: Parsed<CommandName> & { id?: string }): Parsed<CommandName> & { id: string } {
    return params.id === undefined
      ? { ...params, id: this.#config.newId() }
      : (params as Parsed<CommandName> & { id: string });
  }

  folded({ records }: FoldedCommit): void {
    for (const { event, position, void: reason, detail } of records) {
      const command = event === undefined ? undefined : this.#pending.get(event.id);
      if (event === undefined || command === undefined) continue;
      const { method, by } = command;
      // Somebody else's use of the same id settles nothing here: ours is still to come.
      if (event.by !== by || event.type !== eventOfMethod(method)) continue;
      this.#pending.take(event.id);
      const first = reason === 'duplicate' ? this.#remembered(event.id) : undefined;
      const isFirst = first === undefined || repeats(command, first);
      const outcome = first ?? { position, reason, detail };
      answerAll(command, isFirst ? this.#answer(command, outcome) : reused());
    }
  }

  /** The log did not take these: nothing has happened, and trying again later may help. */
  refused(events: readonly SignalEvent[], reason: string): void {
    for (const { id } of events) {
      const command = this.#pending.take(id);
      if (command !== undefined) answerAll(command, notTaken(reason));
    }
  }

  /** Tells who has waited too long: the outcome is not known, the same id will settle it. */
  tick(): void {
    const moment = this.#config.clock.elapsed() - limits.answer_wait_ms;
    for (const command of this.#pending.takeBefore(moment)) answerAll(command, this.#away());
  }

  close(): void {
    for (const command of this.#pending.takeBefore(Number.POSITIVE_INFINITY)) {
      answerAll(command, this.#away());
    }
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
    if (seen === undefined) return false;
    return Math.floor(seen / limits.commit_positions) > this.#config.sequence();
  }

  #whenFresh(command: PendingCommand, then: () => void): void {
    const away = () => this.#finish(command, this.#away());
    const failed = (error: unknown) => this.#finish(command, this.#config.failed(error));
    this.#config.barrier.reached().then(then, away).catch(failed);
  }

  #attempt(command: PendingCommand, isFresh: boolean): void {
    const isBehind = this.#isBehind(command);
    if (!this.#config.isServing() || isBehind) {
      this.#finish(command, isBehind ? behind() : this.#away());
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
    if (!repeats(command, first)) this.#finish(command, reused());
    else if ('position' in first) this.#finish(command, this.#again(command, first));
    else {
      first.waiters.push(...command.waiters);
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
    if (isFresh || !stateRefusals.has(refusal.refusal)) {
      const read = this.#recall(command, refusal);
      if (read === undefined) {
        this.#finish(command, refusal);
        return;
      }
      this.#config.archive.find(read, this.#config.sequence()).then(
        answer => this.#finish(command, answer),
        error =>
          this.#finish(command, isMistake(error) ? this.#config.failed(error) : this.#away()),
      );
    } else this.#whenFresh(command, () => this.#attempt(command, true));
  }

  /** How the log may know better of what has left the table. */
  #recall(command: PendingCommand, refusal: Refusal): ColdRead<Answer> | undefined {
    switch (refusal.refusal) {
      case 'command_stale':
        return {
          find: 'command',
          id: command.id,
          told: first => this.#first(command, first, refusal),
        };
      case 'job_unknown':
        return recallJob(this.#context(command), command, refusal);
      case 'ask_unknown':
        return recallAsk(this.#context(command), command.params, refusal);
      default:
        return undefined;
    }
  }

  #first(command: PendingCommand, first: Remembered | undefined, refusal: Refusal): Answer {
    if (first === undefined) return refusal;
    return repeats(command, first) ? this.#again(command, first) : reused();
  }

  #finish(command: PendingCommand, answer: Answer): void {
    command.decided();
    answerAll(command, answer);
  }

  #again(command: PendingCommand, first: Remembered): Answer {
    command.isRepeat = true;
    return this.#answer(command, first);
  }

  #answer(command: PendingCommand, outcome: Outcome): Answer {
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
      isBeingClaimed: job => this.#pending.claimed.has(job),
    };
  }
}

const NOTHING = { token: '', circles: [], roles: [], verbs: [] };
