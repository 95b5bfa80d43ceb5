// Queries of what was sent: the trace of one ask or message.
import type { Parsed } from '../../../schemas/method.js';
import { refuse } from '../../../schemas/refusal.js';
import { unknownAsk } from '../asks/unknown-ask.js';
import { covers } from '../rows/rights.js';
import { partsWithNames } from '../shared/names.js';
import type { Queries, QueryContext, Reading } from '../shared/query-context.js';

function trace(context: QueryContext, { ref }: Parsed<'message.trace'>): Reading<'message.trace'> {
  const { author, held } = context;
  return {
    find: 'stages',
    ref,
    told: ({ circle, stages }) => {
      const isMine = stages.some(({ by }) => by === author.peer);
      if (circle !== '' && (isMine || covers(held, circle))) {
        return { stages: partsWithNames(context, { by: isMine && author.peer }, stages) };
      }
      return ref.startsWith('ask_')
        ? unknownAsk(context, ref)
        : refuse('message_unknown', `There is no ${ref} you may see.`);
    },
  };
}

export const messageQueries = {
  'message.trace': trace,
} satisfies Queries;
