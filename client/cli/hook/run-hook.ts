// One run of a hook: stdin in, one call to the broker, the runtime's own output; never in its way.
import type { Capabilities } from '../../../schemas/peer.js';
import {
  type Adapter,
  DOCTOR_EVENT,
  type HookEvent,
  readInput,
  WAKE_TEXT,
} from '../../runtimes/adapter.js';
import { termsIn } from '../../runtimes/approvals/terms.js';
import { claudeCode } from '../../runtimes/claude-code/adapter.js';
import { codex } from '../../runtimes/codex/adapter.js';
import { gemini } from '../../runtimes/gemini/adapter.js';
import {
  ableNow,
  type Before,
  callsOf,
  codeOf,
  type HookCall,
  isQuestion,
  lastCalls,
  mailText,
  NOTHING,
  type Saying,
} from '../../runtimes/hook-calls.js';
import { byShell, byTools, isMail, type Surface } from '../../runtimes/render.js';
import { ClientError, RefusalError } from '../../sdk/errors.js';
import { age_ms } from './age.js';
import { dropMark, staleMarks } from './approval-marks.js';
import { forkText, sayFork } from './fork.js';
import { type HookAnswer, readAnswer } from './hook-answer.js';
import { occasionOf, readAll, readWords } from './hook-words.js';
import { postCalls } from './post-calls.js';
import { hooksDirectory, SessionFiles, saysAgain, signalFile } from './session-files.js';
import {
  type HookPlace,
  type HookWorld,
  meantBroker,
  PeerFinder,
  type SessionPeer,
  shellWorld,
} from './session-peer.js';
import { roleAlone, startBlock } from './start-block.js';
import { beginUse, readUse, type TranscriptUse } from './usage-mark.js';

const adapters: Readonly<Record<string, Adapter>> = {
  'claude-code': claudeCode,
  codex,
  gemini,
};

/** The exit of a hook by which Claude Code wakes its session; every other exit is 0. */
const WAKES = 2;

/**
 * Runs one hook; the code to exit with. Throws for whatever went wrong: the caller says it in one
 * line and exits with 0, as no host is to suffer from its mail.
 */
export async function runHook(words: readonly string[], world: HookWorld): Promise<number> {
  const { runtime, named, context } = readWords(words);
  const adapter = Object.hasOwn(adapters, runtime) ? adapters[runtime] : undefined;
  if (adapter === undefined) {
    throw new Error(`name a runtime: ${Object.keys(adapters).join(', ')}`);
  }
  const text = await readAll(world.stdin);
  const input = readInput(text, named);
  if (input === undefined) throw new Error('stdin holds no hook of a session');
  if (input.event === DOCTOR_EVENT) return tellDoctor(world, context);
  const event = Object.hasOwn(adapter.events, input.event)
    ? adapter.events[input.event]
    : undefined;
  if (event === undefined) return 0;
  const place = { world, adapter, input, ...(context !== undefined && { context }) };
  if (event.moment === 'permission') {
    const terms = termsIn(words);
    // Loaded where it is wanted: all other hooks start without it.
    const { askApproval } = await import('./approval.js');
    if (terms !== undefined) await askApproval(place, terms, text);
    return 0;
  }
  // Of a subagent's tools no more is told than that a question of its own was answered.
  if (input.subagent !== undefined && event.moment !== 'tool') return 0;
  const surface = words.includes('--shell') ? byShell : byTools;
  return new HookRun(place, { event, occasion: occasionOf(text), surface }).run();
}

/** Proves to the doctor that this program is what is wired, and says which broker it means. */
async function tellDoctor(world: HookWorld, context: string | undefined): Promise<number> {
  const url = await meantBroker(world, context).catch(() => null);
  world.print(JSON.stringify({ signalbox: url }));
  return 0;
}

/** What is known of a run before it begins. */
interface Known {
  event: HookEvent;
  occasion: string;
  surface: Surface;
}

class HookRun {
  readonly #place: HookPlace & { world: HookWorld };
  readonly #known: Known;
  readonly #event: HookEvent;
  readonly #signal: AbortSignal;
  #hasPrinted = false;

  constructor(place: HookPlace & { world: HookWorld }, known: Known) {
    this.#place = place;
    this.#known = known;
    this.#event = known.event;
    const left_ms = place.world.until_ms - age_ms();
    this.#signal = AbortSignal.timeout(Math.max(1, Math.ceil(left_ms)));
  }

  async run(): Promise<number> {
    try {
      return await this.#run();
    } catch (error) {
      // Whose workspace it is can be told without a broker.
      if (this.#event.moment === 'start' && !this.#hasPrinted) await this.#tellAlone();
      throw error;
    }
  }

  async #tellAlone(): Promise<void> {
    const world = shellWorld(this.#place);
    this.#print(await startBlock(world, world.directory, await roleAlone(world)));
  }

  #print(text: string, signal?: string): void {
    const { adapter, input, world } = this.#place;
    const output = adapter.output({ event: input.event, text, ...(signal && { signal }) });
    this.#hasPrinted = true;
    if (output !== undefined) world.print(JSON.stringify(output));
  }

  async #run(): Promise<number> {
    const { moment } = this.#event;
    const { input } = this.#place;
    const finder = await PeerFinder.open(this.#place);
    const isOwn = input.subagent === undefined;
    const joins = isOwn && isJoining(moment);
    const known = await finder.find();
    const found = known ?? (joins ? await finder.join() : undefined);
    if (found === undefined) return 0;
    await this.#takeBack(found);
    if (!isOwn) return 0;
    const isFork = moment === 'start' && input.cause === 'fork';
    const me = isFork ? await sayFork(finder, found, this.#signal) : found;
    if (moment === 'start') await finder.note(me);
    if (moment === 'wake') return this.#wake(me);
    if (moment === 'end' || moment === 'failed') {
      await this.#ask(me, NOTHING);
      return 0;
    }
    const files = new SessionFiles(hooksDirectory(me.room, me.peer), this.#known.occasion);
    if (moment === 'notice') {
      if (isQuestion(input.cause)) files.ask();
      await this.#ask(me, NOTHING);
      return 0;
    }
    const before = files.take();
    if (before !== undefined) await this.#hand(finder, me, files, before);
    return 0;
  }

  /** Takes back the permission questions that nobody waits for any more; seldom there are any. */
  async #takeBack({ site, credential, peer, room }: SessionPeer): Promise<void> {
    const { input } = this.#place;
    for (const { file, asks } of staleMarks(hooksDirectory(room, peer), input, this.#event)) {
      const cancels = asks.map(ask => {
        return { method: 'ask.close' as const, params: { ask, outcome: 'cancelled' } };
      });
      const calls = [...cancels, { method: 'inbox.ack' as const, params: { refs: asks } }];
      const post = { brokers: site.brokers, credential, signal: this.#signal };
      // Refused is what was closed already. Unheard, the mark stays for the next hook.
      const isHeard = await postCalls(post, calls).then(
        () => true,
        () => false,
      );
      if (isHeard) dropMark(file);
    }
  }

  /** Hands mail over. The lock stays where the output may be lost, and the next hook is told so. */
  async #hand(
    finder: PeerFinder,
    me: SessionPeer,
    files: SessionFiles,
    before: Before,
  ): Promise<void> {
    const { input } = this.#place;
    const { moment } = this.#event;
    const can = this.#untold(before);
    const reading = this.#readUse(me);
    const block = moment === 'start' && !before.isTwin ? await this.#block(me) : '';
    const saying = { can, usage: reading?.usage, block };
    const { answer, as } = await this.#askOrJoin(finder, me, before, saying).catch(error => {
      // Nobody heard of it, so nothing was handed over.
      const isUnheard = error instanceof ClientError || error instanceof RefusalError;
      if (isUnheard && !before.isInDoubt) files.release();
      throw error;
    });
    const isTurn = moment === 'start' || (moment === 'prompt' && !isMail(input.prompt ?? ''));
    if (isTurn) files.resetKept();
    if (answer.isTurnTold) reading?.keep();
    if (before.isAsking && answer.isTurnTold) files.answered();
    if (can !== undefined && answer.isTurnTold) files.tell(codeOf(can));
    const mail = mailText(answer, this.#event, answer.now, this.#known.surface, block);
    const text = [block, mail].filter(part => part !== '').join('\n\n');
    if (moment === 'stop' && text !== '') files.keep();
    this.#print(text, signalFile(me.room, me.peer));
    const showsStart = moment === 'prompt' && before.hasBegunWithMail;
    if (text !== '' || showsStart) files.wrote(moment);
    try {
      const calls = lastCalls(input, this.#event, {
        hasMail: text !== '',
        description: answer.description,
        fork: as.forkOf && forkText(as.forkOf),
      });
      await this.#sayLast(as, calls);
      if (calls.some(({ method }) => method === 'peer.describe')) files.described();
    } finally {
      // To be killed from here on would leave no doubt, so this comes last.
      files.release();
    }
  }

  /** What a session that begins in its workspace is told before its mail. */
  #block({ kept }: SessionPeer): Promise<string> {
    const { directory } = shellWorld(this.#place);
    return startBlock(this.#place.world, directory, kept?.profile?.role);
  }

  async #sayLast({ site, credential }: SessionPeer, calls: readonly HookCall[]): Promise<void> {
    if (calls.length === 0) return;
    const signal = AbortSignal.timeout(this.#place.world.follow_ms);
    await postCalls({ brokers: site.brokers, credential, signal }, calls);
  }

  /** Who is not known any more, as after a long silence, comes back first. */
  async #askOrJoin(finder: PeerFinder, me: SessionPeer, before: Before, saying: Saying) {
    try {
      return { answer: await this.#ask(me, before, saying), as: me };
    } catch (error) {
      if (!(error instanceof RefusalError) || error.refusal !== 'unauthorized') throw error;
      const back = await finder.join();
      if (back === undefined) throw error;
      return { answer: await this.#ask(back, before, saying), as: back };
    }
  }

  /** What a turn has used, at its end; a session that begins one notes from where it counts. */
  #readUse({ room, peer }: SessionPeer): TranscriptUse | undefined {
    const { transcript, model } = this.#place.input;
    const { moment } = this.#event;
    if (transcript === undefined) return undefined;
    const dir = hooksDirectory(room, peer);
    if (moment === 'stop') return readUse(dir, transcript, model);
    if (moment === 'start' || moment === 'prompt') beginUse(dir, transcript);
    return undefined;
  }

  /** What the session can do; undefined when it has said so. At a start nobody knows who did. */
  #untold(before: Before): Capabilities | undefined {
    const can = ableNow(this.#place.adapter, before);
    return this.#event.moment !== 'start' && codeOf(can) === before.told ? undefined : can;
  }

  async #ask(
    { site, credential }: SessionPeer,
    before: Before,
    saying: Saying = {},
  ): Promise<HookAnswer> {
    const calls = callsOf(this.#place.input, this.#event, before, saying);
    const post = { brokers: site.brokers, credential, signal: this.#signal };
    return readAnswer(calls, await postCalls(post, calls));
  }

  /** The cause is looked at once more: mail that was read meanwhile is no cause any more. */
  async #wake(me: SessionPeer): Promise<number> {
    const isInDoubt = saysAgain(signalFile(me.room, me.peer));
    const { waiting } = await this.#ask(me, { ...NOTHING, isInDoubt });
    if (waiting === 0) return 0;
    this.#place.world.warn(WAKE_TEXT);
    return WAKES;
  }
}

function isJoining(moment: HookEvent['moment']): boolean {
  return moment === 'start' || moment === 'prompt' || moment === 'tool';
}
