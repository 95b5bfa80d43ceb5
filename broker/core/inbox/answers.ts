// What a peer is told that takes its inbox, or drains it into a hook.
import type { Parsed } from '../../../schemas/method.js';
import { toldItem } from '../rows/inbox.js';
import type { Answers } from '../shared/answers.js';
import { drainOf, handedAt } from './drain.js';

export const inboxAnswers = {
  'inbox.subscribe': (_, _asked, { receipt }) => ({
    generation: receipt?.kind === 'generation' ? receipt.n : 0,
  }),
  'inbox.drain': ({ table, now }, { peer = '', params }, { position, receipt }) => {
    const items = handedAt(table.inbox.boxes.get(peer), position).map(item => {
      const told = toldItem(item);
      return item.handed!.times > 1 ? { ...told, repeated: true } : told;
    });
    const fresh = { ...(params as Parsed<'inbox.drain'>), proof: false, again: false };
    const { refs, remaining } = drainOf(table, peer, fresh, now());
    const seen = receipt?.kind === 'count' ? receipt.n : 0;
    return { items, remaining: refs.length + remaining, seen };
  },
} satisfies Answers;
