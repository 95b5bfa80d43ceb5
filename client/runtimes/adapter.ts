// The adapter of a coding agent: what its hooks say, what is asked of the broker, how it is told.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import type { Capabilities } from '../../schemas/peer.js';

/** What a hook was told on stdin, as far as any adapter reads it. */
export interface HookInput {
  event: string;
  session: string;
  directory?: string;
  /** Set in a hook of a subagent, which has the session's id and not its attention. */
  subagent?: string;
  /** Why a session began or ended, a request failed, or its user is wanted. */
  cause?: string;
  /** What its user is told. */
  message?: string;
  prompt?: string;
  /** The file in which the runtime keeps the session. */
  transcript?: string;
  model?: string;
  /** The tools of the step that has ended, where the runtime tells them. */
  tools?: readonly string[];
}

/**
 * When in a session a hook runs. `start`: it begins, anew or again. `prompt`: a turn begins.
 * `tool`: between a tool and the next request of the model. `stop`: the model has answered and the
 * turn is about to end. `failed`: its request was refused. `end`: the session ends. `wake`: a sign
 * came from outside. `permission`: the runtime is about to ask its user whether a tool may run.
 * `notice`: it tells its user that it waits for them.
 */
export type HookMoment =
  | 'start'
  | 'prompt'
  | 'tool'
  | 'stop'
  | 'failed'
  | 'end'
  | 'wake'
  | 'permission'
  | 'notice';

/** What a hook of one runtime means. */
export interface HookEvent {
  moment: HookMoment;
  /**
   * True where a request of the model lies between this hook and any other one before it, so that
   * what was handed over before was shown to the model.
   */
  proves?: true;
  /** What the model is shown whole, in bytes of UTF-8; absent: as much as mail ever is. */
  max_bytes?: number;
}

/**
 * How an idle session is woken from outside. `signal`: a file that it watches changes. `queue`: a
 * command of the runtime puts a prompt into its queue, where that command can be found.
 */
export type WakeWay = 'signal' | 'queue';

/** What is to be said to a session. */
export interface Told {
  event: string;
  /** Empty when there is nothing. */
  text: string;
  /** The file whose change wakes the session; absent where no peer is known to wake. */
  signal?: string;
}

/** A coding agent. */
export interface Adapter {
  /** As `runtimeOf` names it. */
  runtime: string;
  /** What it can do at best, with what is built here. */
  capabilities: Capabilities;
  /** Absent where nothing wakes it, or it does so itself. */
  wake?: WakeWay;
  events: Readonly<Record<string, HookEvent>>;
  /** How its shells are marked, so that they and its hooks speak as one peer. */
  shell(session: string): Record<string, string>;
  /** What is printed, with no field that the runtime does not know; undefined: nothing. */
  output(told: Told): object | undefined;
  /**
   * What is printed where a person decided whether a tool may run: `denied` is what the model is
   * told, absent for leave. Absent in a runtime that takes no such decision.
   */
  decide?(event: string, denied: string | undefined): object;
}

/** What is said where a wake may carry no content: it points to the mail, which comes by a hook. */
export const WAKE_TEXT = 'you have mail';

/** No event of a session: the hook does nothing but say which broker it would speak to. */
export const DOCTOR_EVENT = 'SignalboxDoctor';

/**
 * Reads the object of a hook; undefined for what is none. Every field but the session's id may be
 * missing: runtimes add and drop them.
 */
export function readInput(text: string, named?: string): HookInput | undefined {
  const told = parsed(text);
  const event = textIn(told, 'hook_event_name') ?? named;
  const session = textIn(told, 'session_id');
  if (event === undefined || session === undefined) return undefined;
  if (session.length > limits.hook_session_chars) return undefined;
  const fields = {
    directory: textIn(told, 'cwd'),
    subagent: textIn(told, 'agent_id'),
    cause: causes.map(name => textIn(told, name)).find(cause => cause !== undefined),
    message: textIn(told, 'message'),
    transcript: textIn(told, 'transcript_path'),
    prompt: typedIn(textIn(told, 'prompt')),
    model: textIn(told, 'model'),
  };
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  const tools = toolsIn(told);
  return { event, session, ...Object.fromEntries(known), ...(tools && { tools }) };
}

/**
 * What somebody typed: Gemini CLI sets the context that hooks have given at the start, our mail
 * among it, before the first prompt. It escapes every `<` in there, so its end cannot be feigned.
 */
function typedIn(prompt: string | undefined): string | undefined {
  return prompt?.replace(/^(?:\s*<hook_context>[\s\S]*?(?:<\/hook_context>|$))+\s*/, '');
}

function toolsIn(told: { tool_calls?: unknown }): string[] | undefined {
  const { tool_calls } = told;
  if (!Array.isArray(tool_calls)) return undefined;
  return tool_calls.map(call => textIn(Object(call), 'tool_name') ?? '');
}

/** Where a runtime says why a hook runs. */
const causes = ['source', 'reason', 'error', 'notification_type'];

function parsed(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function textIn(from: object, name: string): string | undefined {
  const value = Object.hasOwn(from, name) ? (from as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
