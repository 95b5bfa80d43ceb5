// A worker of the play: says what it does, works on jobs, asks before it acts, answers.
import type { Result } from '../../schemas/method.js';
import { Actor } from './actor.js';

/** A job as its worker holds it. */
export interface Held {
  job: string;
  attempt: number;
  /** What those before it left behind. */
  handoff?: string;
}

export class PlayWorker extends Actor {
  async describes(text: string): Promise<void> {
    await this.call('peer.describe', { text });
  }

  async claims(which: { job: string } | { kind: string }): Promise<Held> {
    const { job, attempt, handoff } = await this.call('job.claim', which);
    if (job === undefined || attempt === undefined) throw new Error('there was nothing to claim');
    return { job, attempt, ...(handoff && { handoff: handoff.text }) };
  }

  async reports({ job, attempt }: Held, progress: number, note: string): Promise<void> {
    await this.call('job.update', { job, attempt, progress, note });
  }

  async finishes({ job, attempt }: Held, summary: string): Promise<void> {
    await this.call('job.finish', { job, attempt, outcome: 'completed', summary });
  }

  /** Asks whether it may. */
  async asksLeave(of: Actor, text: string, options: { id: string; label: string }[]) {
    const question = { kind: 'permission' as const, options };
    const { ask } = await this.call('ask.open', { to: of.id, text, question, deadline_at: '60s' });
    return ask;
  }

  /** Pushed to a pull request. */
  pushed(pr_url: string, head_sha: string, title: string): Promise<Result<'review.touch'>> {
    return this.call('review.touch', { pr_url, head_sha, title });
  }
}
