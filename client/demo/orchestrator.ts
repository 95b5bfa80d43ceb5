// The orchestrator of the play: hands work out, watches over it, decides, reviews.
import type { Question, RollupRow, Thread } from '../../schemas/ask.js';
import type { JobRow } from '../../schemas/job.js';
import type { Stage as TraceStage } from '../../schemas/message.js';
import type { Result } from '../../schemas/method.js';
import type { ReviewRow } from '../../schemas/review.js';
import type { UsageRow } from '../../schemas/usage.js';
import { Actor } from './actor.js';

export class Orchestrator extends Actor {
  /** Whether an orchestrator is live in the circle, before work is handed out at length. */
  status(): Promise<Result<'orchestrator.status'>> {
    return this.call('orchestrator.status', { circle: this.place.circle });
  }

  async asks(to: Actor, text: string, question?: Question): Promise<string> {
    const { ask } = await this.call('ask.open', { to: to.id, text, ...(question && { question }) });
    return ask;
  }

  /** Asks all of them the same in one event; the group, and each one's ask in their order. */
  fansOut(to: readonly Actor[], text: string): Promise<Result<'ask.fan_out'>> {
    return this.call('ask.fan_out', { to: to.map(({ id }) => id), text });
  }

  async rollup(group: string): Promise<RollupRow[]> {
    return (await this.call('ask.rollup', { group })).rows;
  }

  async thread(ask: string): Promise<Thread> {
    return this.call('ask.get', { ask });
  }

  async trace(ref: string): Promise<TraceStage[]> {
    return (await this.call('message.trace', { ref })).stages;
  }

  /** A job for one worker, or for whoever does that kind of work first. */
  async handsOver(
    work: { title: string; body: string; lease_s?: number },
    who: Actor | { kind: string },
  ): Promise<string> {
    const whose = who instanceof Actor ? { to: who.id } : who;
    const { job } = await this.call('job.create', { ...work, ...whose, correlation: 'board.md' });
    return job;
  }

  async jobs(): Promise<JobRow[]> {
    const { rows } = await this.call('job.list', { circle: this.place.circle });
    return rows.sort((a, b) => a.number - b.number);
  }

  async schedulesAsk(to: Actor, text: string, ahead_s: number): Promise<string> {
    const params = { to: to.id, text, kind: 'ask' as const, fire_at: `${ahead_s}s` };
    return (await this.call('schedule.create', params)).schedule;
  }

  /** What it has yet to review of this play; its queue may hold other circles' work too. */
  async queue(): Promise<ReviewRow[]> {
    const { rows } = await this.call('review.queue', {});
    const own = rows.filter(({ circle }) => circle === this.place.circle);
    return own.sort((a, b) => (a.pr_url < b.pr_url ? -1 : 1));
  }

  async reviewed({ pr_url, current_head_sha }: ReviewRow): Promise<void> {
    await this.call('review.mark', {
      pr_url,
      ...(current_head_sha && { sha: current_head_sha }),
    });
  }

  /** What was only played is owed by nobody afterwards. */
  async forgets(pr_url: string): Promise<void> {
    await this.call('review.forget', { pr_url });
  }

  async usage(): Promise<UsageRow[]> {
    const { rows } = await this.call('usage.list', { circle: this.place.circle });
    return rows.sort((a, b) => b.input_tokens - a.input_tokens);
  }
}
