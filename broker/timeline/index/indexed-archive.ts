// The quick archive: cold reads from the timeline's index, and by folding the log where it is away.
import { limits } from '../../../schemas/limits.js';
import type { Archive } from '../../archive/archive.js';
import type { ColdRead } from '../../core/archive.js';
import type { NoIndex } from '../../core/timeline-reads.js';
import { isMistake } from '../../system/fault.js';
import type { TimelineQuestion } from '../part.js';
import type { Timeline } from '../timeline.js';
import type { IndexAnswer, IndexQuestion } from './index-questions.js';

const AWAY: NoIndex = { isElsewhere: true };

/** Asks the index first, within `limits.index_wait_ms`. */
export class IndexedArchive implements Archive {
  readonly #timeline: Pick<Timeline, 'ask' | 'status'>;
  readonly #slow: Archive;

  constructor(timeline: Pick<Timeline, 'ask' | 'status'>, slow: Archive) {
    this.#timeline = timeline;
    this.#slow = slow;
  }

  async find<Told>(read: ColdRead<Told>, upTo: number): Promise<Told> {
    const { told, ...asked } = read;
    const answer = await this.#ask({ ...asked, asOf: upTo } as IndexQuestion, upTo);
    if ('found' in answer) return (told as (found: unknown) => Told)(answer.found);
    if (read.find === 'search' || read.find === 'thread') return read.told(answer);
    return this.#slow.find(read, upTo);
  }

  async #ask(question: IndexQuestion, upTo: number): Promise<IndexAnswer> {
    const asked: TimelineQuestion = { part: 'index', question };
    // Who reads the log reads what is not indexed yet there.
    if (question.find === 'records') {
      return (await this.#within(limits.index_records_wait_ms, asked)) ?? AWAY;
    }
    const isPartial = question.find === 'search' || question.find === 'thread';
    const isFar = this.#timeline.status().lag_commits > limits.index_far_commits;
    const fresh =
      isPartial && isFar ? undefined : await this.#within(limits.index_wait_ms, { ...asked, upTo });
    // What is indexed so far is better than nothing: the answer says how far that is.
    if (fresh !== undefined || !isPartial) return fresh ?? AWAY;
    return (await this.#within(limits.index_wait_ms, asked)) ?? AWAY;
  }

  async #within(ms: number, asked: TimelineQuestion): Promise<IndexAnswer | undefined> {
    try {
      return (await this.#timeline.ask(asked, AbortSignal.timeout(ms))) as IndexAnswer;
    } catch (error) {
      if (isMistake(error)) throw error;
      return undefined;
    }
  }
}
