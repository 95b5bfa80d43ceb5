// The waker of an idle session: it hears the mesh, and pokes the runtime while mail lies unread.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import type { Mesh } from './tool.js';

/** How a runtime is poked. A poke carries nothing: the mail comes by the hooks of its turn. */
export interface Poke {
  /** True where a poke too many costs a turn, as nothing looks again before it takes effect. */
  isDear: boolean;
  /** `again`: for mail that was handed over and that nobody proved seen. Rejects when it failed. */
  wake(again: boolean): Promise<void>;
}

/** What a waker is made of. */
export interface WakerParts {
  mesh: Pick<Mesh, 'session' | 'call' | 'now'>;
  poke: Poke;
  isEnded(): boolean;
  /** Resolves after so many ms, or when it has ended. */
  rest(ms: number): Promise<void>;
}

/** What is in the inbox, and what the session does. */
interface Look {
  /** Items that wait to be handed over. */
  fresh: number;
  /** Items that were handed over and are not proven seen. */
  handed: number;
  /** The position of the log that this is true for. */
  position: number;
  isBusy: boolean;
  /** It was at work when its server joined, or when it was last cut off, and has said no more. */
  mayBeBusy: boolean;
  /** When the session last said what it does, in ms of mesh time; 0 when it never did. */
  turn_at: number;
}

/**
 * Pokes at once when mail comes to an idle session, and again, ever more seldom, while no hook of
 * it has run since; mail that is drained meanwhile is no cause. A busy session drains by itself;
 * one that is busy for long with mail waiting may have been broken off, so it is poked where that
 * is cheap. https://en.wikipedia.org/wiki/Exponential_backoff
 */
export class Waker {
  readonly #parts: WakerParts;
  /** Pokes since a hook last ran, and the mesh time of the last. */
  #tries = 0;
  #poked_at = 0;
  /** Mesh time at which the mail of now was first met. */
  #since: number | undefined;

  constructor(parts: WakerParts) {
    this.#parts = parts;
  }

  /** Runs until it has ended. Never rejects: a broker that is away is asked again later. */
  async run(): Promise<void> {
    const { isEnded, rest } = this.#parts;
    while (!isEnded()) {
      try {
        const look = await this.#look();
        const rest_ms = await this.#act(look);
        if (rest_ms === undefined) await this.#hear(look);
        else await rest(rest_ms);
      } catch {
        await rest(limits.wake_retry_ms);
      }
    }
  }

  /** How long to rest before the next look; undefined: until something comes. */
  async #act(look: Look): Promise<number | undefined> {
    const { poke, mesh } = this.#parts;
    if (look.turn_at > this.#poked_at) this.#tries = 0;
    if (look.fresh + look.handed === 0) this.#since = undefined;
    else this.#since ??= mesh.now();
    if (!this.#isDue(look)) return this.#looksOn(look) ? limits.wake_look_ms : undefined;
    const now = mesh.now();
    if (this.#tries > 0 && now < this.#poked_at + this.#gap()) return limits.wake_look_ms;
    if (this.#tries >= limits.wake_tries) return undefined;
    this.#poked_at = now;
    this.#tries++;
    await poke.wake(look.fresh === 0);
    return limits.wake_look_ms;
  }

  /** How long a poke is given to take effect before the next. */
  #gap(): number {
    const { wake_first_ms, wake_dear_ms, wake_max_ms } = limits;
    const first_ms = this.#parts.poke.isDear ? wake_dear_ms : wake_first_ms;
    return Math.min(wake_max_ms, first_ms * 4 ** (this.#tries - 1));
  }

  #looksOn({ fresh, isBusy, mayBeBusy }: Look): boolean {
    return fresh > 0 && (isBusy || mayBeBusy);
  }

  #isDue({ fresh, handed, isBusy, mayBeBusy, turn_at }: Look): boolean {
    const now = this.#parts.mesh.now();
    const waited = now - (this.#since ?? now);
    const { isDear } = this.#parts.poke;
    const isIdle = !isBusy && !(isDear && mayBeBusy);
    if (fresh > 0 && isIdle) return true;
    if (isDear && isBusy) return false;
    if (isDear) return fresh > 0 && waited >= limits.wake_broken_off_ms;
    if (fresh > 0) return waited >= limits.wake_broken_off_ms;
    // What a stop has handed over is proven by the turn that it kept going.
    const still = Math.min(waited, now - turn_at);
    return handed > 0 && !isBusy && still >= limits.wake_unproven_ms;
  }

  async #look(): Promise<Look> {
    const { mesh } = this.#parts;
    const look = { session: mesh.session, max: 0 };
    const whole = await mesh.call('inbox.drain', { ...look, again: true });
    const { remaining: all, position } = whole;
    if (all === 0) {
      return { fresh: 0, handed: 0, position, isBusy: false, mayBeBusy: false, turn_at: 0 };
    }
    const { remaining: fresh } = await mesh.call('inbox.drain', look);
    const { status, turn, turn_at = 0 } = await mesh.call('peer.whoami', {});
    const isBusy = status === 'busy' || turn === 'awaiting_input';
    const mayBeBusy = !isBusy && turn === 'working';
    return { fresh, handed: Math.max(0, all - fresh), position, isBusy, mayBeBusy, turn_at };
  }

  /** Until something comes after what was looked at, or it is time to look again. */
  async #hear({ position: after }: Look): Promise<void> {
    const wait_s = limits.wake_wait_s;
    const params = { after, wait_s, claim_s: 0, max: 1 };
    const patience_ms = wait_s * 1_000 + limits.mcp_call_ms;
    const { items } = await this.#parts.mesh.call('inbox.read', params, patience_ms);
    // New mail is worth one poke more, however few of the earlier ones took effect.
    if (items.length > 0) this.#tries = Math.min(this.#tries, limits.wake_tries - 1);
  }
}
