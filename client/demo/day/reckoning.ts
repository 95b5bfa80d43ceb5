// The reckoning: what happened on the day, counted in the log and held against what was played.
import type { EventType } from '../../../schemas/event.js';
import type { DayStage } from './day-stage.js';

/** What the play has done of each; a log that says otherwise is a fault of the one or the other. */
const played: readonly (readonly [what: string, type: EventType, times: number])[] = [
  ['sessions joined', 'peer.joined', 6],
  ['asks opened', 'ask.opened', 5],
  ['asks answered', 'ask.closed', 5],
  ['jobs made', 'job.created', 3],
  ['jobs claimed, one twice', 'job.claimed', 4],
  ['jobs completed', 'job.finished', 3],
  ['file leases taken', 'lease.taken', 5],
  ['watches fired', 'watch.fired', 2],
  ['pull requests pushed', 'review.touched', 3],
  ['reviews, one again', 'review.marked', 3],
  ['handovers', 'orchestrator.handed_over', 1],
  ['moves on the board', 'board.moved', 6],
  ['worktrees linked, and taken off', 'board.linked', 6],
];

/** Shows the numbers. Throws where the log lacks something, or holds more than was played. */
export async function reckon({ story, told }: DayStage): Promise<void> {
  const counted = played.map(([what, type, times]) => {
    const found = told.filter(({ event }) => event.type === type).length;
    return { what, type, times, found };
  });
  const wrong = counted.filter(({ times, found }) => times !== found);
  if (wrong.length > 0) {
    const words = wrong.map(({ type, times, found }) => `${found} of ${times} ${type}`);
    throw new Error(`the log does not hold the day as it was played: ${words.join(', ')}`);
  }
  const voids = told.flatMap(record => (record.void === undefined ? [] : [record.event.type]));
  if (voids.length > 0) throw new Error(`these took no effect: ${voids.join(', ')}`);
  await story.table(
    ['WHAT', 'EVENT', 'IN THE LOG'],
    counted.map(({ what, type, found }) => [what, type, String(found)]),
  );
  const { events, ms } = story.extent();
  const seconds = (ms / 1_000).toFixed(1);
  await story.note(
    `${events} events in ${seconds} s, each on disk before it was acknowledged; ` +
      'the log holds all that was played, and nothing twice.',
  );
}
