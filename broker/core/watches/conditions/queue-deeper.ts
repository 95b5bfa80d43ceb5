// The condition queue.deeper_than: more waits than so much; each crossing upwards is one cause.
import type { WatchRow } from '../../../../schemas/watch.js';
import type { Table } from '../../rows/table.js';
import type { Topics } from '../../rows/watches.js';
import { type Condition, keyIn, msOf, nameOf, span, WHOLE } from './condition.js';

/** It may fire again once the queue was no deeper than that. */
export const queueDeeper: Condition = {
  isWhole: true,
  topics: ({ queue, peer = '', in_circle, kind }): Topics =>
    queue === 'inbox' ? [['inbox', peer]] : [['jobs_in', keyIn(in_circle, kind)]],
  subjects: () => [WHOLE],
  causeOf: ({ table, watch, subject, before, time }) => {
    if (depthOf(table, watch) <= (watch.depth ?? 0)) return undefined;
    return before ?? { subject, since: time, due_at: time + msOf(watch.for_s) };
  },
  isOver: () => false,
  tell: (table, watch, { since }, time) => {
    const much = `${depthOf(table, watch)} (more than ${watch.depth}) for ${span(time - since)}`;
    if (watch.queue === 'inbox') return `in the inbox of ${nameOf(table, watch.peer)} wait ${much}`;
    const kind = watch.kind === undefined ? '' : ` of kind ${JSON.stringify(watch.kind)}`;
    return `jobs${kind} in circle ${watch.in_circle} that nobody has claimed: ${much}`;
  },
};

function depthOf({ inbox, jobs }: Table, { queue, peer, in_circle, kind }: WatchRow): number {
  if (queue === 'inbox') return inbox.boxes.get(peer ?? '')?.items.size ?? 0;
  return jobs.queue.size({ circle: in_circle ?? '' }, kind);
}
