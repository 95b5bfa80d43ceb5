// The desk: takes commands in, decides them, and answers once the log has settled each.
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { CommandName, Parsed } from '../../schemas/method.js';
import { methods } from '../../schemas/method.js';
import { isRefusal, type Refusal, refuse, stateRefusals } from '../../schemas/refusal.js';
import type { History } from '../archive/refold.js';
import { type AnswerContext, type Asked, answerTo } from '../core/answer.js';
import { authorOf, decide } from '../core/decide.js';
import { coldObjection } from '../core/jobs/cold-jobs.js';
import type { AskRow } from '../core/rows/asks.js';
import type { Remembered } from '../core/rows/command-ids.js';
import type { Job } from '../core/rows/jobs.js';
import { covers, rights } from '../core/rows/rights.js';
import type { Table } from '../core/rows/table.js';
import { hashSecret } from '../core/secret.js';
import type { Context } from '../core/shared/command-context.js';
import type { Outcome } from '../core/shared/outcome.js';
import type { Answer, Author, Command, FoldedCommit } from '../core/words.js';
import { isMistake } from '../system/fault.js';
import type { MeshTime } from '../system/mesh-time.js';
import type { Barrier } from './barrier.js';
import { storeFails } from './committer.js';
import { answerAll, type Flying, Pending } from './pending.js';
import { behind, isSame, reused } from './repeats.js';

export interface DeskConfig {
  clock: MeshTime;
  barrier: Barrier;
  history: History;
  newId(): string;
  secretFor(id: string): string;
  boot(): string;
  cursor(): string;
  table(): Table;
  sequence(): number;
  isServing(): boolean;
  /** Set while it must first be learnt what time it is; resolves in any case. */
  timeKnown?(): Promise<void> | undefined;
  /** Why the log takes nothing just now, as far as its store says so. */
  trouble(): string | undefined;
  /** Says the cause of a fault of ours; what the call that met it is answered. */
  failed(error: unknown): Refusal;
  /** Hands the event to the log; a refusal when it is too large or the queue is full. */
  propose(event: SignalEvent): Refusal | undefined;
}

type Done = (answer: Answer) => void;

/** One command as it stands at the desk. */
interface Case {
  command: Command;
  id: string;
  by: string;
  asked: Asked;
  decided(): void;
  done: Done;
}

export class Desk {
  private readonly config: DeskConfig;
  private readonly pending = new Pending();

  constructor(config: DeskConfig) {
    this.config = config;
  }

  command(command: Command, decided: () => void, done: Done): void {
    const known = this.config.timeKnown?.();
    if (known === undefined) this.take(command, decided, done);
    else known.then(() => this.take(command, decided, done));
  }

  private take(command: Command, decided: () => void, done: Done): void {
    const { method, params, author } = command;
    const id = (params as { id?: string }).id ?? this.config.newId();
    const by = authorOf(method, author);
    const asked: Asked = { method, id, params, peer: author.peer };
    const once: Case = { command, id, by, asked, decided, done };
    const awaited = this.behindBy(command);
    if (awaited === undefined) this.attempt(once, false);
    else this.whenFresh(once, () => this.attempt(once, true));
  }

  /** Looks again, once caught up, when the first refused what a broker behind cannot know. */
  fresh(look: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    const first = look();
    const again = (answer: Answer) =>
      isRefusal(answer) && stateRefusals.has(answer.refusal)
        ? this.config.barrier.reached().then(look, () => this.away())
        : answer;
    return first instanceof Promise ? first.then(again) : again(first);
  }

  away(): Refusal {
    const trouble = this.config.trouble();
    if (trouble !== undefined) return storeFails(trouble);
    return refuse('unavailable', 'The log does not answer; send the same command again soon.', {
      retry_after_s: 1,
    });
  }

  folded({ records }: FoldedCommit): void {
    for (const { event, position, void: reason, detail } of records) {
      const flying = event === undefined ? undefined : this.pending.get(event.id);
      if (event === undefined || flying === undefined) continue;
      const { asked, by } = flying;
      // Somebody else's use of the same id settles nothing here: ours is still to come.
      if (event.by !== by || event.type !== methods[asked.method].event) continue;
      this.pending.take(event.id);
      const first = reason === 'duplicate' ? this.remembered(event.id) : undefined;
      const isFirst = first === undefined || isSame(asked.method, by, undefined, first);
      const outcome = first ?? { position, reason, detail };
      answerAll(flying, isFirst ? this.answer(asked, outcome) : reused());
    }
  }

  /** The log did not take these: nothing has happened, and trying again later may help. */
  refused(events: readonly SignalEvent[], reason: string): void {
    for (const { id } of events) {
      const flying = this.pending.take(id);
      if (flying !== undefined) {
        answerAll(
          flying,
          refuse('unavailable', `The log refused it: ${reason}`, { retry_after_s: 5 }),
        );
      }
    }
  }

  /** Tells who has waited too long: the outcome is not known, the same id will settle it. */
  expire(): void {
    const moment = this.config.clock.elapsed() - limits.answer_wait_ms;
    for (const flying of this.pending.takeBefore(moment)) answerAll(flying, this.away());
  }

  close(): void {
    for (const flying of this.pending.takeBefore(Number.POSITIVE_INFINITY)) {
      answerAll(flying, this.away());
    }
  }

  private remembered(id: string): Remembered | undefined {
    return this.config.table().commands.find(id);
  }

  /** How many commits a joining peer has seen that this broker has not. */
  private behindBy({ method, params }: Command): number | undefined {
    const seen = method === 'peer.join' ? (params as Parsed<'peer.join'>).min_position : undefined;
    if (seen === undefined) return undefined;
    const behind = Math.floor(seen / limits.commit_positions) - this.config.sequence();
    return behind > 0 ? behind : undefined;
  }

  private whenFresh(once: Case, then: () => void): void {
    const away = () => this.finish(once, this.away());
    const failed = (error: unknown) => this.finish(once, this.config.failed(error));
    this.config.barrier.reached().then(then, away).catch(failed);
  }

  private attempt(once: Case, isFresh: boolean): void {
    const { command, id } = once;
    const isBehind = this.behindBy(command) !== undefined;
    if (!this.config.isServing() || isBehind) {
      this.finish(once, isBehind ? behind() : this.away());
      return;
    }
    const flying = this.pending.get(id);
    const known = this.remembered(id);
    if (flying !== undefined || known !== undefined) {
      this.repeated(once, flying, known);
      return;
    }
    const event = decide(this.context(command), command.method, withId(command, id));
    if (isRefusal(event)) this.objected(once, event, isFresh);
    else this.launch(once, event);
  }

  private repeated(once: Case, flying: Flying | undefined, known: Remembered | undefined): void {
    if (!isSame(once.command.method, once.by, flying, known)) this.finish(once, reused());
    else if (known !== undefined) this.finish(once, this.again(once, known));
    else {
      flying?.waiters.push(once.done);
      once.decided();
    }
  }

  private launch(once: Case, event: SignalEvent): void {
    const refusal = this.config.propose(event);
    if (refusal !== undefined) {
      this.finish(once, refusal);
      return;
    }
    const { asked, by, done } = once;
    const claims = event.type === 'job.claimed' ? event.job : undefined;
    const since = this.config.clock.elapsed();
    this.pending.add({ asked, by, since, claims, waiters: [done] });
    once.decided();
  }

  /** A refusal, unless a broker that is behind or has forgotten would give it wrongly. */
  private objected(once: Case, refusal: Refusal, isFresh: boolean): void {
    if (isFresh || !stateRefusals.has(refusal.refusal)) {
      this.recalled(once, refusal).then(
        answer => this.finish(once, answer),
        error => this.finish(once, isMistake(error) ? this.config.failed(error) : this.away()),
      );
    } else this.whenFresh(once, () => this.attempt(once, true));
  }

  /** The refusal, or what the log knows better about what has left the table. */
  private async recalled(once: Case, refusal: Refusal): Promise<Answer> {
    const { history, sequence, table } = this.config;
    if (refusal.refusal === 'command_stale') {
      const first = await history.command(once.id, sequence());
      if (first === undefined) return refusal;
      const isIt = isSame(once.command.method, once.by, undefined, first);
      return isIt ? this.again(once, first) : reused();
    }
    if (refusal.refusal === 'job_unknown') return this.recalledJob(once, refusal);
    const ask = refusal.refusal === 'ask_unknown' ? askOf(once.command) : undefined;
    if (ask === undefined || table().asks.dropped === 0) return refusal;
    const row = await history.thread(ask, sequence());
    if (row === undefined || !this.isSeen(once.command.author, row)) return refusal;
    if (once.by !== row.to && once.by !== row.from) {
      return refuse('not_yours', 'Only a peer of this ask may close it, and it is closed already.');
    }
    return refuse('ask_closed', `This ask is closed already (${row.outcome}).`);
  }

  private isSeen({ peer, token }: Author, { from, to, circle }: AskRow): boolean {
    const held = rights(this.config.table(), token, this.config.clock.now());
    return peer === from || peer === to || (held !== undefined && covers(held, circle));
  }

  private async recalledJob({ command }: Case, refusal: Refusal): Promise<Refusal> {
    const { history, sequence, table } = this.config;
    const { job, attempt } = command.params as { job?: string; attempt?: number };
    const { jobs } = table();
    if (job === undefined || jobs.get(job) !== undefined || jobs.dropped.jobs === 0) return refusal;
    const row = await history.row('jobs', job, sequence());
    if (row === undefined) return refusal;
    return coldObjection(this.context(command), row as Job, { method: command.method, attempt });
  }

  private finish({ decided, done }: Case, answer: Answer): void {
    decided();
    done(answer);
  }

  private again({ asked }: Case, first: Remembered): Answer {
    return this.answer({ ...asked, isRepeat: true }, first);
  }

  private answer(asked: Asked, outcome: Outcome): Answer {
    const { table, cursor, secretFor, clock } = this.config;
    const context: AnswerContext = { table: table(), cursor, secretFor, now: clock.now };
    try {
      return { result: answerTo(context, asked, outcome) };
    } catch (error) {
      return this.config.failed(error);
    }
  }

  private context({ author, connected }: Command): Context {
    const { table, secretFor, boot, clock } = this.config;
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
      isBeingClaimed: job => this.pending.claimed.has(job),
    };
  }
}

const NOTHING = { token: '', circles: [], roles: [], verbs: [] };

function withId(command: Command, id: string): Parsed<CommandName> & { id: string } {
  const params = command.params as Parsed<CommandName> & { id?: string };
  if (params.id === undefined) return { ...params, id };
  return params as Parsed<CommandName> & { id: string };
}

function askOf({ params }: Command): string | undefined {
  const { ask, reply_to } = params as { ask?: string; reply_to?: string };
  return ask ?? reply_to;
}
