// The rules of a hook: which calls it makes at which moment, and what it makes of their answers.

import { clientLimits as limits } from '../../schemas/limits-client.js';
import type { InboxItem } from '../../schemas/message.js';
import type { Capabilities } from '../../schemas/peer.js';
import { firstChars } from '../../schemas/text-cut.js';
import type { CallParams } from '../sdk/api.js';
import { safeText } from '../terminal/safe.js';
import { type Adapter, type HookEvent, type HookInput, WAKE_TEXT } from './adapter.js';
import { isMail, renderItems, type Surface } from './render.js';
import type { TurnUse } from './transcript-usage.js';

/** What the hooks of a session before this one have left. */
export interface Before {
  /** How often the turn was kept going. */
  kept: number;
  /** A hook ended before its output was surely written: what it was handed may be lost. */
  isInDoubt: boolean;
  /** A hook wrote mail a moment ago: the request of the model that shows it may be yet to come. */
  isFresh: boolean;
  /** It was that of a stop, which another hook may have made the end all the same. */
  isFromStop?: boolean;
  /** That hook was run on the same occasion as this one, by another entry of the settings. */
  isTwin: boolean;
  /** The session began with mail, and this is its first prompt: one request will show both. */
  hasBegunWithMail: boolean;
  /** The session has said what it does. */
  isDescribed: boolean;
  /** Its user was asked something, and no hook has run since that shows an answer. */
  isAsking: boolean;
  /** A command that wakes the session was found. */
  hasWaker: boolean;
  /** What the session last said it can do, as `codeOf` writes it. */
  told?: string | undefined;
}

/** What a session has left of which nothing is known. */
export const NOTHING: Before = {
  kept: 0,
  isInDoubt: false,
  isFresh: false,
  isTwin: false,
  hasBegunWithMail: false,
  isDescribed: true,
  isAsking: false,
  hasWaker: false,
};

/** What the session can do as it is wired. */
export function ableNow({ capabilities, wake }: Adapter, { hasWaker }: Before): Capabilities {
  const wake_idle = capabilities.wake_idle && (wake !== 'queue' || hasWaker);
  return { ...capabilities, wake_idle };
}

/** Capabilities in a few letters, for the name of a file. */
export function codeOf({ drain, keep_going, wake_idle, steer }: Capabilities): string {
  return [drain, keep_going, wake_idle, steer].map(Number).join('');
}

/** A call of a hook. */
export type HookCall = {
  [M in HookMethod]: { method: M; params: Omit<CallParams<M>, 'id'> };
}[HookMethod];
type HookMethod =
  | 'inbox.drain'
  | 'inbox.reminders'
  | 'peer.turn'
  | 'peer.describe'
  | 'peer.rename'
  | 'peer.whoami';

/** True for a turn that nobody typed: it was begun by a sign from outside, or by our own mail. */
export function isOwnPrompt({ prompt = '' }: HookInput): boolean {
  return prompt.startsWith('<task-notification>') || prompt.startsWith(WAKE_TEXT) || isMail(prompt);
}

/** What a session has yet to say of itself. */
export interface Saying {
  can?: Capabilities | undefined;
  /** What the turn that ends has used. */
  usage?: TurnUse | undefined;
  /** What a session is told as it begins, before its mail; empty for nothing. */
  block?: string;
}

/**
 * The calls of a hook, the drain first; empty where it has nothing to ask.
 */
export function callsOf(
  input: HookInput,
  event: HookEvent,
  before: Before,
  saying: Saying = {},
): HookCall[] {
  const { session, subagent, cause } = input;
  const { can } = saying;
  if (subagent !== undefined) return [];
  switch (event.moment) {
    case 'start':
      return [
        drain(session, { again: !before.isTwin, ...besideBlock(saying) }),
        reminders(),
        // A session is compacted in the middle of a turn.
        ...(cause === 'compact' ? [] : [turn('idle', can)]),
      ];
    case 'prompt':
      return promptCalls(input, before, saying);
    case 'tool':
    case 'stop':
      return [
        drain(session, {
          proof: event.proves === true && !before.isInDoubt && !before.isTwin && !hasRead(input),
          again: before.isInDoubt,
          ...(event.moment === 'stop' && before.kept >= limits.hook_kept_tries && { max: 0 }),
        }),
        ...(event.moment === 'stop' ? [turn('idle', can, saying.usage)] : []),
        // Its user has answered.
        ...(event.moment === 'tool' && before.isAsking ? [turn('working', can)] : []),
      ];
    case 'failed':
      return [failedTurn(input)];
    case 'end':
      return [turn('idle')];
    case 'wake':
      // What was handed over is looked for where whoever waked says that nobody has seen it.
      return [drain(session, { max: 0, again: before.isInDoubt })];
    // It hands nothing over: `cli/hook/approval.ts` has the calls of its own.
    case 'permission':
      return [];
    case 'notice':
      return noticeCalls(input);
  }
}

/** Mail has the room that the block leaves; what waits comes with the next hook. */
function besideBlock({ block = '' }: Saying) {
  if (block === '') return {};
  const left = limits.hook_items_chars - block.length;
  return { max_chars: Math.max(limits.hook_items_least_chars, left) };
}

/** A question stands until its user answers; one that merely rests does nothing. */
function noticeCalls({ cause, message = '' }: HookInput): HookCall[] {
  if (cause === 'idle_prompt') return [turn('idle')];
  if (!isQuestion(cause)) return [];
  const text = firstChars(oneLine(message), limits.hook_description_chars);
  const params = { state: 'awaiting_input' as const, ...(text !== '' && { text }) };
  return [{ method: 'peer.turn', params }];
}

/** True for a notice that waits for an answer. */
export function isQuestion(cause: string | undefined): boolean {
  return cause === 'permission_prompt' || cause === 'elicitation_dialog';
}

/** True where this very step may have handed mail over by a tool: no request has shown it yet. */
function hasRead({ tools = [] }: HookInput): boolean {
  return tools.some(tool => /__(?:inbox|wait_for_reply|more)$/.test(tool));
}

/**
 * At a prompt nothing of an earlier turn waits for its proof: whatever does was never shown, as
 * another hook refused that prompt, or the turn was broken off.
 */
function promptCalls(input: HookInput, before: Before, { can }: Saying): HookCall[] {
  const { isFresh, isTwin, isInDoubt, hasBegunWithMail, isDescribed } = before;
  const isOwn = isOwnPrompt(input);
  // An idle session was poked: no request has followed what that stop has handed over.
  const isEnded = before.isFromStop && input.prompt?.startsWith(WAKE_TEXT);
  const again = isInDoubt || !(isTwin || hasBegunWithMail || (isOwn && isFresh && !isEnded));
  const calls = [drain(input.session, { again }), turn('working', can)];
  if (isOwn) return calls;
  if (!isDescribed) calls.push({ method: 'peer.whoami', params: {} });
  // The start had them too.
  return hasBegunWithMail ? calls : [...calls, reminders()];
}

/** What is known once the mail of a hook is written. */
interface Written {
  hasMail: boolean;
  /** What is said of the session now; empty for nothing, absent where nobody asked. */
  description?: string | undefined;
  /** What a fork says of itself before it says what it works on. */
  fork?: string | undefined;
}

/**
 * What is said last: the turn that was reported to end goes on after all, or what the session
 * works on, where neither its agent nor its user has said that.
 */
export function lastCalls(
  input: HookInput,
  { moment }: HookEvent,
  { hasMail, description, fork }: Written,
): HookCall[] {
  if (moment === 'stop' && hasMail) return [turn('working')];
  const isUnsaid = description === '' || (description !== undefined && description === fork);
  if (moment !== 'prompt' || !isUnsaid || isOwnPrompt(input)) return [];
  return describeCalls(input.prompt ?? '', fork);
}

/** Says what a session works on by what its user wrote; no call where that is nothing. */
export function describeCalls(prompt: string, fork?: string): HookCall[] {
  const task = firstChars(oneLine(prompt), limits.hook_description_chars);
  if (task === '') return [];
  const text = fork === undefined ? task : `${fork}: ${task}`;
  return [{ method: 'peer.describe', params: { text, ttl_s: limits.hook_description_s } }];
}

function drain(session: string, more: Omit<CallParams<'inbox.drain'>, 'session'>): HookCall {
  const { hook_items: max, hook_items_chars: max_chars } = limits;
  return { method: 'inbox.drain', params: { session, max, max_chars, ...more } };
}

function reminders(): HookCall {
  return { method: 'inbox.reminders', params: { max: limits.mail_reminders_items } };
}

function turn(state: 'idle' | 'working', can?: Capabilities, usage?: TurnUse): HookCall {
  const params = { state, ...(can && { can }), ...(usage && { usage }) };
  return { method: 'peer.turn', params };
}

/** The request failed: nothing proves that the model saw what was in it. */
function failedTurn({ cause, model = 'unknown' }: HookInput): HookCall {
  if (cause !== 'rate_limit') return turn('idle');
  const usage = { model, input_tokens: 0, output_tokens: 0, rate_limited: true };
  return { method: 'peer.turn', params: { state: 'idle', usage } };
}

/** What the broker has for a session. */
export interface Mail {
  items: readonly InboxItem[];
  remaining: number;
  reminders: readonly InboxItem[];
}

/**
 * The text for the model; empty when there is nothing to say, and at a stop when there is no mail:
 * nothing else is worth another request. `now` is mesh time, in ms UTC; `block` stands before it,
 * within the same bound.
 */
export function mailText(
  { items, remaining, reminders }: Mail,
  { moment, max_bytes }: HookEvent,
  now: number,
  surface: Surface,
  block = '',
): string {
  if (moment === 'stop' && items.length === 0) return '';
  const shown = new Set(items.map(({ ref }) => ref));
  // An ask that waits to be handed over is nobody's to be reminded of.
  const due = remaining > 0 ? [] : reminders.filter(({ ref }) => !shown.has(ref));
  const max_chars = limits.hook_mail_chars - (block && `${block}\n\n`).length;
  return renderItems(items, { surface, now, max_chars, max_bytes, remaining, reminders: due });
}

function oneLine(text: string): string {
  return safeText(text).replace(/\s+/g, ' ').trim();
}
