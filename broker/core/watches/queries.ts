// Query of the watches: those of a peer or all that it may see, the live and the newest ended ones.
import { compact } from '../../../schemas/codec.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import type { WatchRow } from '../../../schemas/watch.js';
import type { WatchEntry } from '../rows/watches.js';
import { withNames } from '../shared/names.js';
import { mayRead, paged, type Queries, type Viewer } from '../shared/query-context.js';

/** The newest first; `circle` and rights as everywhere. */
function listWatches(
  context: Viewer,
  { mine, state, max, after }: Parsed<'watch.list'>,
): Result<'watch.list'> {
  const { table, author } = context;
  const { live, ended } = table.watches;
  const me = author.peer;
  const rows = [...ended.values(), ...[...live.values()].map(({ row }) => row)].filter(row => {
    if (state !== undefined && row.state !== state) return false;
    // By its id, so that a page goes on where the one before it has been forgotten meanwhile.
    if (after !== undefined && row.watch >= after) return false;
    if (mine && me !== undefined) return row.by === me || row.to === me;
    return mayRead(context, { from: row.by, to: row.to, circle: row.circle });
  });
  rows.sort((a, b) => (a.watch < b.watch ? 1 : -1));
  return paged(
    rows,
    max,
    ({ watch }) => watch,
    row => shown(context, row, live.get(row.watch)),
  );
}

function shown(context: Viewer, row: WatchRow, entry: WatchEntry | undefined): WatchRow {
  const { peers, watches } = context.table;
  const told: WatchRow = withNames(context, row);
  const peer_name = row.peer && peers.rows.get(row.peer)?.name;
  if (entry === undefined) return compact({ ...told, peer_name });
  const holding = [...entry.causes.values()].filter(({ isFired }) => isFired).length;
  const next_at = watches.times.at(row.watch);
  return compact({ ...told, peer_name, holding, next_at });
}

export const watchQueries = {
  'watch.list': listWatches,
} satisfies Queries;
