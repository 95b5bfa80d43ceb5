// Tools for watches: be told when something holds, instead of looking again and again.
import type { WatchRow } from '../../../schemas/watch.js';
import { methodTool, type Tool } from '../tool.js';
import { at, quote } from '../words.js';

const create = methodTool({
  name: 'watch_create',
  method: 'watch.create',
  fields:
    'when peer ask job owner queue kind circle for_s age_s depth percent tokens cost_usd ' +
    'tell to_peer=to text once quiet_s until',
  help: 'Be told by inbox once something holds: a peer away, an old ask, a silent job, …',
  effect: 'says',
  words: {
    when:
      'peer.offline (peer, for_s); ask.older_than (ask or peer, else your asks; age_s); ' +
      'job.silent (job, owner or kind, else your jobs; for_s); ' +
      'queue.deeper_than (queue, peer or kind, depth, for_s?); ' +
      'budget.above (peer or circle; percent, tokens or cost_usd).',
  },
  tell: ({ watch }) => ({
    watch,
    next: `go on with your work: it comes by inbox; watch_cancel watch=${watch} ends it`,
  }),
});

const list = methodTool({
  name: 'watch_list',
  method: 'watch.list',
  fields: 'mine state max after',
  help: 'Watches made by you or for you, and what became of them.',
  effect: 'reads',
  tell: ({ rows, next }) => ({
    watches: rows.map(row => ({
      watch: row.watch,
      state: row.ended === undefined ? row.state : `${row.state} (${row.ended})`,
      when: row.when,
      ...watchedBy(row),
      tell: row.tell,
      by: row.by_name ?? row.by,
      to: row.to_name ?? row.to,
      text: quote(row.text),
      fired: row.fired,
      last_at: at(row.last?.at),
      next_at: at(row.next_at),
    })),
    ...(rows.length === 0 && { none: 'no such watch' }),
    more: next && `there are more: watch_list after=${next}`,
    next: 'end one: watch_cancel watch=<watch>',
  }),
});

const cancel = methodTool({
  name: 'watch_cancel',
  method: 'watch.cancel',
  fields: 'watch',
  help: 'End a watch.',
  effect: 'ends',
  tell: (_, { args }) => ({ watch: `${args.watch}`, next: 'it tells nobody anything more' }),
});

/** Of what it is, and from when on. */
function watchedBy(row: WatchRow) {
  const { ask, job, queue, in_circle, for_s, age_s, depth, percent, tokens, cost_usd } = row;
  return {
    peer: row.peer_name ?? row.peer,
    owner: row.owner_name ?? row.owner,
    kind: quote(row.kind),
    circle: in_circle,
    ...{ ask, job, queue, for_s, age_s, depth, percent, tokens, cost_usd },
  };
}

/** Behind `more`. */
export const watchTools: readonly Tool[] = [create, list, cancel];
