// One who talks on through every crash: unique texts, a few in flight, and the same id until told.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { connect, type House, type Person } from '../dsl/live-broker.js';
import { type Fields, type Guest, HungUp, Refused, TurnedAway, uuid } from '../dsl/raw-client.js';

/** One command and what became of it. */
export interface Said {
  id: string;
  method: string;
  params: Fields;
  /** The highest position anybody had been told when it was first sent. */
  toldBefore: number;
  /** Which connection carried it first, and as its how many-th command. */
  connection: string;
  turn: number;
  isResent: boolean;
  answer?: Fields;
  /** A refusal that is no "try again". */
  refusal?: string;
}

/** What the workers of one run share. */
export interface Yard {
  /** The broker to talk to now. */
  house(): House;
  /** The highest position told so far. */
  told: number;
  answers: number;
  /** `draining`: nothing new is said; `closed`: the test is over, whatever is unanswered. */
  phase: 'talking' | 'draining' | 'closed';
  wakers: Set<() => void>;
}

export function openYard(t: Test, house: () => House): Yard {
  const yard: Yard = { house, told: 0, answers: 0, phase: 'talking', wakers: new Set() };
  t.teardown(() => {
    yard.phase = 'closed';
  });
  return yard;
}

/** How many answers may still be on their way when a store dies: one more needs the next store. */
export const IN_FLIGHT = 6;

/** Resolves when so many more commands were answered. */
export async function moreAnswers(yard: Yard, count: number): Promise<void> {
  const goal = yard.answers + count;
  while (yard.answers < goal) {
    await new Promise<void>(resolve => {
      const wake = () => {
        yard.wakers.delete(wake);
        resolve();
      };
      yard.wakers.add(wake);
    });
  }
}

const BREATH_MS = 5;

export class Worker {
  readonly said: Said[] = [];
  /** Asks made to this worker and not yet closed. */
  readonly asked: string[] = [];
  private readonly me: Person;
  private readonly partner: () => Worker;
  private readonly yard: Yard;
  private open: Said[] = [];
  private connections = 0;

  constructor(me: Person, yard: Yard, partner: () => Worker) {
    this.me = me;
    this.yard = yard;
    this.partner = partner;
    me.guest.hangUp();
  }

  get name(): string {
    return this.me.name;
  }

  get credential(): string {
    return this.me.credential;
  }

  /** Talks until the run is over and everything said is answered. */
  async run(): Promise<void> {
    while (this.isBusy()) {
      const guest = await this.dial();
      if (guest === undefined) continue;
      this.connections++;
      await this.talk(guest);
      guest.hangUp();
    }
  }

  private isBusy(): boolean {
    const { phase } = this.yard;
    return phase === 'talking' || (phase === 'draining' && this.open.length > 0);
  }

  private async dial(): Promise<Guest | undefined> {
    try {
      return await connect(undefined, this.yard.house(), { credential: this.me.credential });
    } catch (error) {
      const isAway = !(error instanceof TurnedAway) || error.status === 503;
      if (!isAway) throw error;
      await sleep(BREATH_MS * 4);
      return undefined;
    }
  }

  private async talk(guest: Guest): Promise<void> {
    let turn = 0;
    const flying = new Set<Promise<void>>();
    const fly = (said: Said) => {
      const flight: Promise<void> = this.carry(guest, said).finally(() => flying.delete(flight));
      flying.add(flight);
    };
    for (const said of this.open) {
      said.isResent = true;
      fly(said);
    }
    while (guest.isOpen && this.isBusy()) {
      const isFull = this.yard.phase !== 'talking' || flying.size >= IN_FLIGHT;
      if (isFull) await Promise.race(flying);
      else {
        const said = this.next(`${this.name}/${this.connections}`, turn++);
        this.said.push(said);
        this.open.push(said);
        fly(said);
        await sleep(BREATH_MS);
      }
    }
    await Promise.all(flying);
  }

  /** Sends one command, again and again while this connection lasts and the broker says "later". */
  private async carry(guest: Guest, said: Said): Promise<void> {
    while (guest.isOpen) {
      try {
        this.settle(said, {
          answer: await guest.call(said.method, { ...said.params, id: said.id }),
        });
        return;
      } catch (error) {
        if (error instanceof HungUp) return;
        if (!(error instanceof Refused)) throw error;
        if (!error.data.retry) {
          this.settle(said, { refusal: error.refusal });
          return;
        }
        said.isResent = true;
        await sleep(BREATH_MS * 10);
      }
    }
  }

  private settle(said: Said, news: { answer: Fields } | { refusal: string }): void {
    Object.assign(said, news);
    this.open = this.open.filter(other => other !== said);
    this.yard.told = Math.max(this.yard.told, Number(said.answer?.position ?? 0));
    this.yard.answers++;
    if (said.method === 'ask.open') this.partner().asked.push(String(said.answer?.ask));
    for (const wake of this.yard.wakers) wake();
  }

  private next(connection: string, turn: number): Said {
    const id = uuid();
    const { told } = this.yard;
    return { ...this.words(), id, connection, turn, toldBefore: told, isResent: false };
  }

  private words(): { method: string; params: Fields } {
    const ask = this.asked.shift();
    const text = `${this.name}:${this.said.length}`;
    if (ask !== undefined) {
      return { method: 'ask.close', params: { ask, outcome: 'replied', text } };
    }
    const to = this.partner().name;
    switch (this.said.length % 8) {
      case 0:
        return { method: 'inbox.ack', params: { up_to: this.yard.told } };
      case 1:
      case 2:
      case 3:
        return { method: 'ask.open', params: { to, text } };
      default:
        return { method: 'notify.send', params: { to, text } };
    }
  }
}
