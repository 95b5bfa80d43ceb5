// Reading the past: a view as it was is asked of the timeline, whose worker folds it.
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { Fold } from '../../core/fold.js';
import type { PastMoment } from '../../core/shared/query-context.js';
import type { PastQuestion, PastRows } from '../../core/views/past.js';
import { within } from '../../system/deadline.js';
import { PAST, TimelineAway } from '../../timeline/part.js';
import type { Timeline } from '../../timeline/timeline.js';

interface PastConfig {
  /** Absent where nobody follows the log beside the broker. */
  timeline?: Pick<Timeline, 'ask'> | undefined;
  fold: Fold;
}

/**
 * Asks the timeline, and waits `limits.past_wait_ms`; `unavailable` when it is away, behind or has
 * too much to do. Nothing of the past is folded on the broker's own thread.
 */
export function pastReader({ timeline, fold }: PastConfig) {
  return async (question: PastQuestion): Promise<PastRows | Refusal> => {
    if (timeline === undefined) return pastAway('this broker keeps none');
    const upTo = neededFor(question.moment, fold);
    try {
      const answer = timeline.ask({ part: PAST, question, upTo });
      const told = await within(answer, limits.past_wait_ms, undefined);
      return (told as PastRows | Refusal | undefined) ?? pastAway('it is still being folded');
    } catch (error) {
      if (error instanceof TimelineAway) return pastAway(error.message);
      throw error;
    }
  };
}

/** The commit that must be folded before the moment can be told from any later one. */
function neededFor(moment: PastMoment, { marks, sequence }: Fold): number {
  if ('position' in moment) {
    return Math.min(sequence, Math.floor(moment.position / limits.commit_positions));
  }
  return Math.min(sequence, marks.afterTime(moment.time)?.sequence ?? sequence);
}

function pastAway(why: string): Refusal {
  return refuse('unavailable', `The past cannot be told just now (${why}); try again soon.`, {
    retry_after_s: 1,
  });
}
