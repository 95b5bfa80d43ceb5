// One who works through jobs whatever dies: the same command id until it is told, then the next.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type House, type Person } from '../dsl/live-broker.js';
import { type Fields, type Guest, HungUp, Refused, TurnedAway, uuid } from '../dsl/raw-client.js';

const BREATH_MS = 20;

export class Labourer {
  /** Jobs that this one was told it had finished. */
  readonly finished: string[] = [];
  /** Refusals that its work ended in, by name. */
  readonly refusals = new Set<string>();
  private readonly me: Person;
  private readonly house: () => House;
  private guest: Guest | undefined;

  constructor(me: Person, house: () => House) {
    this.me = me;
    this.house = house;
    me.guest.hangUp();
  }

  /** Claims, updates and finishes one job after another until the run is over. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const claimed = await this.command('job.claim', {});
      if (claimed?.job === undefined) await sleep(BREATH_MS);
      else await this.work(String(claimed.job), Number(claimed.attempt));
    }
    this.guest?.hangUp();
  }

  private async work(job: string, attempt: number): Promise<void> {
    for (const progress of [0.3, 0.6]) {
      await this.command('job.update', { job, attempt, progress, note: `${this.me.name} here` });
    }
    const done = { job, attempt, outcome: 'completed', summary: `by ${this.me.name}` };
    const answer = await this.command('job.finish', done);
    if (answer?.verdict === 'applied') this.finished.push(job);
  }

  /** The answer of a command, however often it takes; undefined when it is refused or void. */
  private async command(method: string, params: Fields): Promise<Fields | undefined> {
    const id = uuid();
    for (;;) {
      try {
        this.guest ??= await connect(undefined, this.house(), { credential: this.me.credential });
        const answer = await this.guest.call(method, { id, ...params });
        if (answer.verdict === 'applied') return answer;
        this.refusals.add(String(answer.reason));
        return undefined;
      } catch (error) {
        if (error instanceof Refused && !error.data.retry) {
          this.refusals.add(error.refusal);
          return undefined;
        }
        if (error instanceof TurnedAway && error.status !== 503) throw error;
        if (error instanceof HungUp || !(error instanceof Refused)) this.guest = undefined;
        await sleep(BREATH_MS);
      }
    }
  }
}
