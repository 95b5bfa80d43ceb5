// The options of the SDK, each with its unit and its default: what an editor shows while typing.
import type { Question } from '../../schemas/ask.js';
import type { Attachment } from '../../schemas/attachment.js';
import type { Filter } from '../../schemas/log.js';
import type { Backlog } from '../../schemas/message.js';
import type { Params } from '../../schemas/method.js';
import type { Capabilities } from '../../schemas/peer.js';

/** Epoch ms, ISO 8601 (without an offset it is UTC), or `90s 10m 2h 3d` from now. */
export type When = number | string;

/** What every command takes beside its own. */
export interface CommandOptions {
  /** The command id, a uuid v7; the same id again is the same command. Default: a new one. */
  id?: string;
}

/** Who joins. */
export interface JoinParams extends CommandOptions {
  /** 1 to 64 of `a-z 0-9 . _ -`; one that is taken in the circle gets `-2`. */
  name: string;
  /** The circle of a new peer; a known one keeps its own. Default: `default`. */
  circle?: string | undefined;
  /** What it is, which decides how far names reach. Default: `agent`. */
  role?: 'human' | 'agent' | 'service' | 'orchestrator' | undefined;
  /** The program it runs in. Default: not told. */
  runtime?: string | undefined;
  /** The model it runs on. Default: not told. */
  model?: string | undefined;
  /** What it works on. Default: not told. */
  project?: string | undefined;
  /** The directory it works in. Default: not told. */
  path?: string | undefined;
  /** The machine it runs on. Default: not told. */
  machine?: string | undefined;
  /** What it is doing, for 15 minutes. Default: not told. */
  description?: string | undefined;
  /** What its session can do with mail, as it is wired. Default: as told before. */
  can?: Capabilities | undefined;
  /** Which peer comes back, with its secret. Default: a new one. */
  peer?: string | undefined;
  /** What proves that one is this peer. Default: the SDK makes one. */
  secret?: string | undefined;
  /** A position seen elsewhere: a broker that is behind it refuses. Default: any. */
  min_position?: number | undefined;
}

/** What all words to a peer may have. */
export interface SayOptions extends CommandOptions {
  /** Where a name is looked up. Default: an agent's own circle, the whole mesh for other roles. */
  circle?: string | undefined;
  /** The ask, message, job or schedule that this is said because of. Default: none. */
  caused_by?: string | undefined;
}

/** How to ask many peers the same. */
export interface AskManyOptions extends SayOptions {
  /** How the answer should look. Default: as words. */
  question?: Question | undefined;
  /** When no answer is wanted any more; must be ahead. Default: never. */
  deadline_at?: When | undefined;
  /** How many answers are enough. Default: all. */
  quorum?: number | undefined;
  /** What comes with it, each by one of path, url and text. Default: nothing. */
  attachments?: Attachment[] | undefined;
}

/** How to ask one peer. */
export interface AskOptions extends Omit<AskManyOptions, 'quorum'> {
  /** An ask to this peer that this one answers and closes. Default: none. */
  reply_to?: string | undefined;
}

/** How to tell something that needs no answer. */
export interface NotifyOptions extends SayOptions {
  /** When it is not to be shown any more; must be ahead. Default: never. */
  expires_at?: When | undefined;
  /** An earlier message that leaves the inbox for this one. Default: none. */
  supersedes?: string | undefined;
  /**
   * For a recipient that is offline. `deliver`: it waits; `digest`: its first words wait in one
   * summary; `drop`: nothing does. Default: `deliver`.
   */
  backlog?: Backlog | undefined;
  /** What comes with it, each by one of path, url and text. Default: nothing. */
  attachments?: Attachment[] | undefined;
}

/** What a job is. */
export interface JobOptions extends CommandOptions {
  /** What kind of work; workers claim by it. Default: `general`. */
  kind?: string | undefined;
  /** The brief. Default: the title is all. */
  body?: string | undefined;
  /** Who is to do it, by id or name. Default: whoever claims its kind. */
  to?: string | undefined;
  /** Where it may be claimed, or `to` is looked up. Default: the own circle. */
  circle?: string | undefined;
  /** Who is told how it ends. Default: this peer. */
  owner?: string | undefined;
  /** Not to be claimed before; must be ahead. Default: now. */
  due_at?: When | undefined;
  /** When it expires; of a recurring job, how long after `due_at` each run does. Default: never. */
  deadline_at?: When | undefined;
  /** How often it is tried before it has failed. Default: 3. */
  attempts_max?: number | undefined;
  /** How long a worker may be silent before it is queued again, in seconds. Default: 300. */
  lease_s?: number | undefined;
  /** Begins a run of it again and again: five fields, in a zone (default: UTC). Default: once. */
  recurrence?: { cron: string; zone?: string | undefined } | undefined;
  /** What it belongs to elsewhere, as an issue number. Default: nothing. */
  correlation?: string | undefined;
  /** What comes with it, each by one of path, url and text. Default: nothing. */
  attachments?: Attachment[] | undefined;
  /** The ask, message, job or schedule that it is made because of. Default: none. */
  caused_by?: string | undefined;
}

/** What is new about a job that is being done. */
export interface JobNews extends CommandOptions {
  /** How it stands. Default: running after a claim, else as before. */
  state?: 'running' | 'awaiting_input' | 'blocked' | undefined;
  /** The step it is at. Default: as before. */
  phase?: string | undefined;
  /** The share that is done, from 0 to 1. Default: as before. */
  progress?: number | undefined;
  /** What the next worker should know. Default: none. */
  note?: string | undefined;
}

/** What a job has brought. */
export interface JobOutcome extends CommandOptions {
  /** Data of at most 64 KiB of JSON. Default: none. */
  result?: Record<string, unknown> | string | undefined;
  /** What was made, each by one of path, url and text. Default: nothing. */
  artifacts?: Attachment[] | undefined;
}

/** What all schedules have. */
export interface ScheduleOptions extends SayOptions {
  /** Whether an answer is wanted; an ask opens a thread. Default: `notify`. */
  kind?: 'notify' | 'ask' | undefined;
  /** Which times without a broker are made up for: newest, newest 100, none. Default: `last`. */
  catch_up?: 'last' | 'all' | 'skip' | undefined;
  /** Whether an ask is skipped while the one before is open. Default: `skip`. */
  overlap?: 'skip' | 'allow' | undefined;
}

/** A schedule that fires once. */
export interface Once extends ScheduleOptions {
  /** When; must be ahead. */
  fire_at: When;
}

/** A schedule that fires by a rule. */
export interface Recurring extends ScheduleOptions {
  /** Minute, hour, day of month, month, day of week; or `@hourly @daily @weekly @monthly`. */
  cron: string;
  /** The IANA zone of the rule. Default: `UTC`. */
  zone?: string | undefined;
  /** After which the rule never fires. Default: no end. */
  until?: When | undefined;
}

/** What is known of a pull request. */
export interface TouchOptions {
  /** Its newest commit, 7 to 64 hex digits. Default: not told. */
  head_sha?: string | undefined;
  /** Its title. Default: not told. */
  title?: string | undefined;
}

/** What to read of the log. */
export interface ReadOptions {
  /**
   * `start`, `now`, a cursor, `{time}` in ms UTC, or `{position}`; what happened then belongs to
   * it. Default: `start`, in reverse `now`.
   */
  from?: Params<'log.read'>['from'];
  /** Where to end, as `from`. Default: the head, in reverse the start. */
  to?: Params<'log.read'>['from'];
  /** What an event must fit, every list of it. Default: all events. */
  filter?: Filter;
  /** The newest first. Default: false. */
  reverse?: boolean;
  /** How many records at most. Default: all of them. */
  max?: number;
}

/** What to follow of the log. */
export interface ObserveOptions {
  /** `start`, `now`, a cursor, `{time}` in ms UTC, or `{position}`. Default: `now`. */
  from?: Params<'log.observe'>['from'];
  /** What an event must fit, every list of it. Default: all events. */
  filter?: Filter;
  /** Told when the reader has reached the head of the log. Default: nobody. */
  onCaughtUp?(): void;
  /** Told when it no longer keeps up with the head, as after a long pause. Default: nobody. */
  onFellBehind?(): void;
}

/** What of a view to watch. */
export interface WatchOptions {
  /** The value, or one of the values, that a row must have in each column. Default: all rows. */
  where?: Params<'view.watch'>['where'];
  /** The columns to be told. Default: all. */
  fields?: string[];
  /** Whether the rows of now are told first; else changes alone. Default: true. */
  snapshot?: boolean;
}
