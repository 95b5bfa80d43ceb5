// The agent behind a client of MCP: its sessions, what it calls, and what it is answered.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { isMethod, type MethodName } from '../../schemas/method.js';
import { ClientError, RefusalError } from '../sdk/errors.js';
import { type Facts, factsText, fitted, told } from './facts.js';
import type { MeshLine } from './line.js';
import { Shown } from './shown.js';
import type { Tool } from './tool.js';
import { argumentsFor, ToolMisuse, toolNamed, toolsOf } from './toolbox.js';

/** Which session calls, as far as the client says so. */
export interface AgentCaller {
  /** How the client calls itself. */
  client: string;
  /** The id of the session, where a call carries it. */
  session?: string;
}

/** One call as it comes in. */
export interface AgentCall {
  name: string;
  /** What came as its arguments. */
  args: unknown;
  caller: AgentCaller;
  signal: AbortSignal;
  progress(done: number, total: number, message: string): void;
}

/** What a client is answered: text and structured content that say the same. */
export interface ToolAnswer {
  text: string;
  structured?: Facts;
  isError?: true;
}

interface Session {
  line: MeshLine;
  shown: Shown;
}

/** What an agent is made of. */
export interface AgentParts {
  isFull: boolean;
  /** The line of a caller's session; callers of one session have one key. */
  open(caller: AgentCaller): { key: string; line(): MeshLine };
  /** Told of a client that is there and does not yet say which session it serves. */
  unnamed?(caller: AgentCaller): void;
}

/** Serves the tools to one client, whose calls may be of several sessions. */
export class Agent {
  readonly tools: readonly Tool[];
  readonly #parts: AgentParts;
  readonly #sessions = new Map<string, Session>();
  readonly #running = new Set<AbortSignal>();

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.tools = toolsOf(parts.isFull);
  }

  /** Takes the line of a session, so that its peer is online before it says anything. */
  greet(caller: AgentCaller): void {
    // Their calls name their session: without one it would be a peer that nobody is.
    if (caller.session === undefined && /codex|opencode/i.test(caller.client)) {
      this.#parts.unnamed?.(caller);
      return;
    }
    this.#sessionOf(caller);
  }

  /** Runs a tool. Never rejects: what went wrong is an answer that says what to do. */
  async call(called: AgentCall): Promise<ToolAnswer> {
    const { signal } = called;
    this.#running.add(signal);
    // What a client has given up is about to end.
    const givenUp = () => this.#running.delete(signal);
    signal.addEventListener('abort', givenUp, { once: true });
    try {
      if (this.#running.size > limits.mcp_calls_items) throw new ToolMisuse(TOO_MANY);
      return await this.#call(called, this.#sessionOf(called.caller));
    } catch (error) {
      return { text: sentence(error), isError: true };
    } finally {
      givenUp();
    }
  }

  async #call(called: AgentCall, { line, shown }: Session): Promise<ToolAnswer> {
    const { name, signal, progress } = called;
    const running = shown.begin();
    try {
      // A call that fits no tool proves as much as another.
      await acknowledge(line, shown, line.isProvenByHooks() ? [] : running.proven);
      const tool = toolNamed(name);
      const args = argumentsFor(tool, called.args);
      const { hands, lost } = running;
      const facts = await tool.run({ args, mesh: line, signal, progress, hands, lost });
      const isPaged = 'max' in tool.schema.properties;
      const structured = told(fitted(told(facts), limits.mcp_answer_bytes, isPaged));
      return { text: factsText(structured), structured };
    } finally {
      running.ends(signal.aborted);
      // Its answer may yet break off on the way.
      signal.addEventListener('abort', () => running.ends(true), { once: true });
    }
  }

  /** Ends all lines. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ line }) => line.close()));
  }

  #sessionOf(caller: AgentCaller): Session {
    const { key, line } = this.#parts.open(caller);
    const known = this.#sessions.get(key);
    if (known !== undefined) {
      // The least lately used goes first.
      this.#sessions.delete(key);
      this.#sessions.set(key, known);
      return known;
    }
    const session: Session = { line: line(), shown: new Shown() };
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions;
    if (this.#sessions.size > limits.mcp_sessions_items && oldest !== undefined) {
      this.#sessions.delete(oldest[0]);
      void oldest[1].line.close();
    }
    return session;
  }
}

const TOO_MANY = `${limits.mcp_calls_items} calls run at once already: wait until one has ended`;

/** What a call proves seen leaves the inbox; when that cannot be said now, the next call does. */
async function acknowledge(line: MeshLine, shown: Shown, refs: readonly string[]): Promise<void> {
  if (refs.length === 0) return;
  try {
    await line.call('inbox.ack', { refs: [...refs] });
  } catch (error) {
    if (!(error instanceof RefusalError)) shown.keep(refs);
  }
}

/** A method of the protocol as the tool that calls it. */
const toolOfMethod: Partial<Record<MethodName, string>> = {
  'ask.open': 'ask',
  'ask.close': 'reply',
  'ask.wait': 'wait_for_reply',
  'ask.rollup': 'ask_many_result',
  'notify.send': 'notify',
  'peer.list': 'list_peers',
  'job.get': 'job_status',
  'job.claim': 'job_claim',
  'schedule.list': 'schedule_list',
  'watch.list': 'watch_list',
};

/** What went wrong and what to do, as the model reads it. */
export function sentence(error: unknown): string {
  if (error instanceof RefusalError) return refusalSentence(error);
  if (error instanceof ToolMisuse) return error.message;
  if (error instanceof ClientError) {
    const next =
      error.id !== undefined
        ? 'Whether it took effect is not known: look (search, trace, inbox) before saying it again.'
        : 'Nothing was sent. Go on with your work and try again later.';
    const isCut = error.code === 'closed';
    const what = isCut ? 'the broker went away before it answered' : inTools(error.message);
    return `${what}. ${next}`;
  }
  if (!(error instanceof Error)) return String(error);
  const { hint } = error as { hint?: unknown };
  return typeof hint === 'string' ? `${error.message}. ${hint}` : error.message;
}

function refusalSentence({ refusal, message, data }: RefusalError): string {
  const { candidates } = data;
  const others = Array.isArray(candidates) ? candidates : [];
  const who = others.map(each => `${each?.peer} (${each?.circle}, ${each?.status})`).join(', ');
  return `${refusal}: ${inTools(message)}${who && ` It may be: ${who}.`}`;
}

/** A sentence that speaks of methods, spoken of tools. */
function inTools(text: string): string {
  return text.replace(/\b[a-z]+\.[a-z_]+\b/g, word =>
    isMethod(word) ? (toolOfMethod[word] ?? word) : word,
  );
}
