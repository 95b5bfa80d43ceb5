// Waiting for leases: a take that stands until nobody holds what it wants, or its time is up.
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import { type LeaseWish, rivalsOf } from '../../core/leases/holders.js';
import type { Answer } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { Waits } from '../inbox/waits.js';
import { doorTime } from '../shared/access.js';

/** One take that waits. */
export interface WaitingTake {
  wish: LeaseWish;
  seconds: number;
  /** Takes it now, if it is free. */
  attempt(): Promise<Answer>;
  /** Calls back once nobody is there who would have the lease; returns what takes it back. */
  whenGone(release: () => void): () => void;
}

const ALL = 'leases';
/** Nobody reads it: who waited in line for a turn has hung up meanwhile. */
const GONE: Answer = refuse('unavailable', 'The caller has hung up; take it again.');

/** Who waits is woken by each lease that ends, and attempts in turn, the longest waiting first. */
export class LeaseWaits {
  readonly #door: Door;
  readonly #waits = new Waits();
  readonly #unlisten: () => void;
  #freed: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(door: Door) {
    this.#door = door;
    this.#freed = door.table.leases.freed;
    this.#unlisten = door.listen(() => {
      const { freed } = door.table.leases;
      if (freed === this.#freed) return;
      this.#freed = freed;
      this.#waits.wakeAll();
    });
  }

  /**
   * The first answer that is not `lease_held`, or the last one when the time is up. A caller that
   * has hung up takes nothing any more. Where another broker's peer is quicker the command is void.
   */
  async take({ wish, seconds, attempt, whenGone }: WaitingTake): Promise<Answer> {
    const state = { isLate: false, isGone: false };
    let wake = () => {};
    const giveUp = this.#waits.add(ALL, seconds, late => {
      state.isLate ||= late;
      if (late || this.#isFree(wish)) wake();
      return late;
    });
    const stay = whenGone(() => {
      state.isGone = true;
      wake();
    });
    try {
      for (;;) {
        const answer = await this.#inTurn(() => (state.isGone ? GONE : attempt()));
        if (state.isLate || state.isGone || !isHeld(answer)) return answer;
        // It may have become free while the answer was on its way.
        if (!this.#isFree(wish)) {
          await new Promise<void>(resolve => {
            wake = resolve;
          });
        }
        if (state.isGone) return answer;
      }
    } finally {
      stay();
      giveUp();
    }
  }

  /** Answers everybody as if their time were up. */
  close(): void {
    this.#unlisten();
    this.#waits.close();
  }

  /** One attempt at a time, so that of two here the later is refused, and waits on, not void. */
  #inTurn(attempt: () => Answer | Promise<Answer>): Promise<Answer> {
    const answer = this.#turn.then(attempt);
    this.#turn = answer.catch(() => {});
    return answer;
  }

  #isFree(wish: LeaseWish): boolean {
    return rivalsOf(this.#door.table, wish, doorTime(this.#door)).length === 0;
  }
}

function isHeld(answer: Answer): boolean {
  return isRefusal(answer) && answer.refusal === 'lease_held';
}
