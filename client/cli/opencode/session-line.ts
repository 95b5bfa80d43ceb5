// The line of one OpenCode session to its broker: calls that are in time, or as good as not made.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { HookCall } from '../../runtimes/hook-calls.js';
import { openCode } from '../../runtimes/opencode/adapter.js';
import { ClientError, RefusalError } from '../../sdk/errors.js';
import { workspaceOf } from '../../workspace/find.js';
import type { Surroundings } from '../cli.js';
import { type HookAnswer, readAnswer } from '../hook/hook-answer.js';
import { postCalls } from '../hook/post-calls.js';
import { type HookPlace, PeerFinder, type SessionPeer, shellWorld } from '../hook/session-peer.js';
import { roleAlone, startBlock } from '../hook/start-block.js';

/** What a caller has to go by: the answer, that nobody heard of it, or that nobody knows. */
export type LineAnswer = HookAnswer | 'unheard' | 'unknown';

/** What a line is made of. */
export interface SessionLineParts {
  session: string;
  world: Surroundings;
  /** How long a caller is kept waiting at most. */
  wait_ms: number;
  say(message: string): void;
}

/** Finds the peer of a session and calls as it; one call at a time, each within `wait_ms`. */
export class SessionLine {
  readonly #parts: SessionLineParts;
  #peer: SessionPeer | undefined;
  #open: Promise<LineAnswer> | undefined;
  /** Until when a broker that was too slow is left alone, in ms of the monotonic clock. */
  #restUntil = 0;

  constructor(parts: SessionLineParts) {
    this.#parts = parts;
  }

  /** Who speaks for the session; joins where it has yet to. Undefined for one that has left. */
  async peer(): Promise<SessionPeer | undefined> {
    this.#peer ??= await this.#find(false);
    return this.#peer;
  }

  /** What the session is told of its workspace; where no broker is heard, by what is kept here. */
  async block(): Promise<string> {
    const { world } = this.#parts;
    if (workspaceOf(world.directory) === undefined) return '';
    const found = await Promise.race([this.peer(), this.#late()]).catch(() => 'unknown' as const);
    if (found === undefined) return '';
    const isKnown = found !== 'unknown';
    const role = isKnown ? found.kept?.profile?.role : await roleAlone(shellWorld(this.#place));
    return startBlock(world, world.directory, role);
  }

  /** Where the peer is to be found may have changed. */
  forget(): void {
    this.#peer = undefined;
  }

  /** Resolves when no call is under way, or when one has taken too long to be waited for. */
  async isFree(): Promise<void> {
    if (this.#open === undefined) return;
    const isLate = this.#late().then(() => true);
    while (this.#open !== undefined) {
      if (await Promise.race([this.#open.then(() => false), isLate])) return;
    }
  }

  /** Never rejects. What another call keeps waiting is unheard: it is not made. */
  async call(calls: readonly HookCall[]): Promise<LineAnswer> {
    if (this.#open !== undefined || performance.now() < this.#restUntil) return 'unheard';
    const open = this.#try(calls).finally(() => {
      this.#open = undefined;
    });
    this.#open = open;
    return Promise.race([open, this.#late()]);
  }

  async #late(): Promise<'unknown'> {
    await new Promise(resolve => setTimeout(resolve, this.#parts.wait_ms).unref());
    return 'unknown';
  }

  async #try(calls: readonly HookCall[]): Promise<LineAnswer> {
    const me = await this.peer().catch(error => this.#failed(error));
    if (me === undefined) return 'unheard';
    const started = performance.now();
    try {
      return await this.#post(me, calls);
    } catch (error) {
      this.#failed(error);
      if (isUnknownPeer(error)) return this.#comeBack(calls);
      if (error instanceof ClientError || error instanceof RefusalError) return 'unheard';
      const isSlow = performance.now() - started >= this.#parts.wait_ms;
      if (isSlow) this.#restUntil = performance.now() + limits.plugin_rest_ms;
      return 'unknown';
    }
  }

  /** Who is not known any more, as after a long silence, joins anew. */
  async #comeBack(calls: readonly HookCall[]): Promise<LineAnswer> {
    try {
      this.#peer = await this.#find(true);
      return this.#peer === undefined ? 'unheard' : await this.#post(this.#peer, calls);
    } catch (error) {
      this.#failed(error);
      return 'unknown';
    }
  }

  get #place(): HookPlace {
    const { world, session } = this.#parts;
    const input = { event: 'chat.message', session, directory: world.directory };
    return { world, adapter: openCode, input };
  }

  #failed(error: unknown): undefined {
    this.#parts.say(error instanceof Error ? error.message : String(error));
    this.forget();
  }

  async #post({ site, credential }: SessionPeer, calls: readonly HookCall[]): Promise<HookAnswer> {
    const signal = AbortSignal.timeout(this.#parts.wait_ms);
    return readAnswer(calls, await postCalls({ brokers: site.brokers, credential, signal }, calls));
  }

  async #find(isUnknown: boolean): Promise<SessionPeer | undefined> {
    const finder = await PeerFinder.open(this.#place);
    return (isUnknown ? undefined : await finder.find()) ?? finder.join();
  }
}

function isUnknownPeer(error: unknown): boolean {
  return error instanceof RefusalError && error.refusal === 'unauthorized';
}
