// One session of OpenCode: mail put before its model, proven by its requests, and waking it.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { InboxItem } from '../../../schemas/message.js';
import type { HookEvent } from '../../runtimes/adapter.js';
import { describeCalls, type HookCall, mailText } from '../../runtimes/hook-calls.js';
import { openCode } from '../../runtimes/opencode/adapter.js';
import { Placements } from '../../runtimes/opencode/placements.js';
import {
  type DrainTerms,
  drainCall,
  promptCalls,
  type TurnUsage,
  turnCall,
} from '../../runtimes/opencode/plugin-calls.js';
import { byTools, holdsMail } from '../../runtimes/render.js';
import type { HookAnswer } from '../hook/hook-answer.js';
import type { HostChoice, HostClient, HostEntry, HostPart, HostToolOutput } from './host.js';
import type { SessionLine } from './session-line.js';
import { TurnUsages } from './turn-usages.js';

/** What a session is made of. */
export interface HostSessionParts {
  id: string;
  client: HostClient;
  line: SessionLine;
  /** Its history began before this process did. */
  isResumed: boolean;
  /** False in `opencode run`, which ends at rest, and with it whatever is begun then. */
  canWake: boolean;
  /** What it is told of the workspace that it orchestrates in; empty for nothing. */
  block(): Promise<string>;
  say(message: string): void;
}

const STOP: HookEvent = { moment: 'stop' };
const PROMPT: HookEvent = { moment: 'prompt' };

/** A session that is no subagent's. */
export class HostSession {
  readonly #parts: HostSessionParts;
  readonly #placements: Placements;
  #choice: HostChoice = {};
  #isBusy = false;
  /** Until when it has said what it does, in ms of the monotonic clock. */
  #describedUntil = 0;
  #told = '';
  #isPrompted = false;
  /** How often its turn went on for mail since a person said something or it was at rest. */
  #kept = 0;
  #restedAt = performance.now();
  /** What is done at rest, one after another. */
  #atRest: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #usage = new TurnUsages();
  #block: string | undefined;

  constructor(parts: HostSessionParts) {
    this.#parts = parts;
    this.#placements = new Placements(parts.isResumed);
  }

  /** A prompt is about to be stored; mail for it is added as one more part. */
  async prompt(message: { id: string } & HostChoice, parts: HostPart[]): Promise<void> {
    const { agent, model, variant } = message;
    this.#choice = {
      ...(agent && { agent }),
      ...(model && { model }),
      ...(variant && { variant }),
    };
    if (parts.some(({ text = '' }) => this.#placements.isOwn(text))) return;
    const wasBusy = this.#isBusy;
    this.#kept = 0;
    this.#isBusy = true;
    this.#isPrompted = true;
    this.#told = 'working';
    await this.#parts.line.isFree();
    const isHeld = wasBusy && this.#placements.isPlaced;
    const typed = parts.filter(({ synthetic }) => synthetic !== true).map(({ text = '' }) => text);
    const isDescribed = performance.now() < this.#describedUntil;
    const can = { ...openCode.capabilities, wake_idle: this.#parts.canWake };
    const calls = (terms: DrainTerms) => promptCalls(terms, isDescribed, can);
    const answer = await this.#drain(calls, isHeld ? 0 : undefined);
    const text = this.#place(answer, PROMPT);
    if (answer?.description === '') await this.#describe(typed.join(' '));
    const part = openCode.output({ event: 'chat.message', text });
    if (part === undefined) return;
    const { id: messageID } = message;
    // Parts are shown in the order of their ids.
    const id = `${parts.at(-1)?.id ?? `prt_${Date.now().toString(16)}`}s`;
    parts.push({ ...(part as HostPart), ...{ id, messageID, sessionID: this.#parts.id } });
  }

  async #describe(task: string): Promise<void> {
    const calls = describeCalls(task);
    if (calls.length === 0 || (await this.#parts.line.call(calls)) === 'unheard') return;
    this.#describedUntil = performance.now() + limits.hook_description_s * 1_000;
  }

  /** A tool has ended; mail is added to what it gave. */
  async tool(output: HostToolOutput): Promise<void> {
    await this.#parts.line.isFree();
    if (this.#placements.isPlaced) return;
    const text = this.#place(await this.#drain(terms => [drainCall(terms)]));
    if (text === '') return;
    if (typeof output.output === 'string') output.output += `\n\n${text}`;
    // A long answer of MCP is cut at its end.
    else if (Array.isArray(output.content)) output.content.unshift({ type: 'text', text });
    else this.#placements.lose(text);
  }

  /** The model has said something whole: mail is put behind it, and the turn goes on for it. */
  async said(hasTools: boolean): Promise<void> {
    this.answers();
    await this.#parts.line.isFree();
    const { isSummarising, isPlaced } = this.#placements;
    if (isSummarising || isPlaced || hasTools || this.#kept >= limits.hook_kept_tries) return;
    const text = this.#place(await this.#drain(terms => [drainCall(terms)]));
    if (text !== '') await this.#send('prompt', text);
  }

  /** The model has begun to answer the request before. */
  answers(): void {
    this.#placements.answers();
  }

  /** A request is about to be sent with this history. */
  requests(history: readonly HostEntry[]): void {
    this.#placements.requests(textsOf(history));
  }

  /** A request is about to be sent with this system text, of which the history knows nothing. */
  async system(texts: string[]): Promise<void> {
    this.#block ??= await this.#parts.block();
    if (this.#block !== '') texts.push(this.#block);
  }

  /** A summary of the history is about to be asked for; what follows begins anew. */
  summarises(): void {
    this.#block = undefined;
    this.#placements.summarises();
  }

  /** What an answer used of the model so far. */
  used(message: string, usage: TurnUsage): void {
    this.#usage.note(message, usage);
  }

  /** The turn goes on, waits for a person, or waits for the provider of its model. */
  async stands(how: 'working' | 'awaiting_input' | 'rate_limited'): Promise<void> {
    this.#isBusy = true;
    const isLimited = how === 'rate_limited';
    const call = isLimited ? turnCall('working', this.#usage.limited()) : turnCall(how);
    if (how === this.#told && !isLimited) return;
    if ((await this.#parts.line.call([call])) !== 'unheard') this.#told = how;
  }

  /** The turn is over; another begins where there is mail. */
  rests(): Promise<void> {
    this.#isBusy = false;
    this.#told = 'idle';
    this.#restedAt = performance.now();
    return this.#whenResting(() => this.#goOn([turnCall('idle', this.#usage.take())]));
  }

  /** Mail has come; who works meets it at the next hook. */
  mail(): Promise<void> {
    return this.#whenResting(async () => {
      const rested_ms = performance.now() - this.#restedAt;
      // A session that begins is about to be spoken to.
      if (!this.#isPrompted && rested_ms < limits.plugin_grace_ms) {
        this.#mailLater(limits.plugin_grace_ms);
        return;
      }
      if (rested_ms >= limits.plugin_pause_ms) this.#kept = 0;
      await this.#goOn([]);
    });
  }

  /** The session is no more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#isBusy = true;
  }

  #whenResting(work: () => Promise<void>): Promise<void> {
    const next = async () => {
      await this.#parts.line.isFree();
      if (!this.#isBusy) await work();
    };
    this.#atRest = this.#atRest.then(next).catch(error => this.#parts.say(String(error)));
    return this.#atRest;
  }

  async #goOn(more: readonly HookCall[]): Promise<void> {
    const isEnough = this.#kept >= limits.hook_kept_tries;
    const max = isEnough || !this.#parts.canWake ? 0 : undefined;
    const answer = await this.#drain(terms => [drainCall(terms), ...more], max);
    // Two agents that answer each other without end do so at a slow pace.
    if (isEnough && answer !== undefined && answer.remaining > 0) {
      this.#mailLater(limits.plugin_pause_ms);
    }
    const text = this.#place(answer);
    if (text === '') return;
    this.#isBusy = await this.#send('promptAsync', text);
    if (this.#isBusy) await this.#parts.line.call([turnCall('working')]);
  }

  #mailLater(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.mail(), ms).unref();
  }

  /** Says the mail to the session in its own turn, as nobody's words but those in the frame. */
  async #send(how: 'prompt' | 'promptAsync', text: string): Promise<boolean> {
    this.#kept += 1;
    const { id, client } = this.#parts;
    const part = openCode.output({ event: how, text }) as HostPart;
    const turn = how === 'prompt' ? { noReply: true as const } : {};
    const body = { ...this.#choice, ...turn, parts: [part] };
    try {
      const { error } = await client.session[how]({ path: { id }, body });
      if (error === undefined) return true;
      this.#parts.say(`OpenCode did not take mail: ${JSON.stringify(error)}`);
    } catch (error) {
      this.#parts.say(`OpenCode did not take mail: ${String(error)}`);
    }
    this.#placements.lose(text);
    return false;
  }

  /** Undefined where nothing was handed over, as far as one can know. */
  async #drain(
    callsOf: (terms: DrainTerms) => readonly HookCall[],
    max?: number,
  ): Promise<HookAnswer | undefined> {
    const { isProven: wasProven, isDoubtful: wasDoubtful } = this.#placements;
    const isAgain = wasDoubtful && max !== 0;
    const terms = { session: this.#parts.id, proof: wasProven, again: isAgain };
    const answer = await this.#parts.line.call(
      callsOf({ ...terms, ...(max !== undefined && { max }) }),
    );
    if (answer === 'unknown') this.#placements.doubt();
    if (answer === 'unknown' || answer === 'unheard') return undefined;
    this.#placements.told({ wasProven, wasDoubtful: isAgain });
    return { ...answer, items: await this.#unseen(answer.items) };
  }

  /** What is on its way is not said twice; nor what an earlier process left in the history. */
  async #unseen(items: readonly InboxItem[]): Promise<InboxItem[]> {
    const news = items.filter(({ ref }) => !this.#placements.has(ref));
    if (!this.#parts.isResumed || !news.some(({ repeated }) => repeated)) return news;
    const { id, client } = this.#parts;
    const { data = [] } = await client.session
      .messages({ path: { id } })
      .catch(() => ({}) as never);
    const texts = textsOf(data).filter(holdsMail);
    return news.filter(({ ref, repeated }) => {
      const isThere = repeated && texts.some(text => text.includes(ref));
      if (isThere) this.#placements.place(ref, [ref]);
      return !isThere;
    });
  }

  /** The text of mail that is to be put somewhere now. */
  #place(answer: HookAnswer | undefined, event: HookEvent = STOP): string {
    if (answer === undefined) return '';
    const text = mailText(answer, event, answer.now, byTools);
    if (answer.items.length > 0) {
      this.#placements.place(
        text,
        answer.items.map(({ ref }) => ref),
      );
    }
    return text;
  }
}

/** What a model reads of a history. */
function textsOf(history: readonly HostEntry[]): string[] {
  return history.flatMap(({ parts }) =>
    parts.flatMap(({ text, state }) => [text, state?.output].filter(each => each !== undefined)),
  );
}
