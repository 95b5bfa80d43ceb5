// All conditions of watches by name (a strategy table); each stands in a file of its own.
import type { WatchCondition } from '../../../schemas/events/watch.js';
import type { WatchRow } from '../../../schemas/watch.js';
import { askOlder } from './conditions/ask-older.js';
import { budgetAbove } from './conditions/budget-above.js';
import type { Condition } from './conditions/condition.js';
import { jobSilent } from './conditions/job-silent.js';
import { peerOffline } from './conditions/peer-offline.js';
import { queueDeeper } from './conditions/queue-deeper.js';

const conditions: { readonly [W in WatchCondition]: Condition } = {
  'peer.offline': peerOffline,
  'ask.older_than': askOlder,
  'job.silent': jobSilent,
  'queue.deeper_than': queueDeeper,
  'budget.above': budgetAbove,
};

/** The condition of a watch. */
export function conditionOf({ when }: WatchRow): Condition {
  return conditions[when];
}
