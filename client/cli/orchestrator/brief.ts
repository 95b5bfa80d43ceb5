// The brief for a successor: what an orchestrator owes, awaits, has planned and did last.
import type { Thread } from '../../../schemas/ask.js';
import type { BoardRow } from '../../../schemas/board.js';
import type { LogRecord } from '../../../schemas/event.js';
import type { JobRow } from '../../../schemas/job.js';
import type { LeaseRow } from '../../../schemas/lease.js';
import type { InboxItem } from '../../../schemas/message.js';
import type { PeerRow } from '../../../schemas/peer.js';
import type { ReviewRow } from '../../../schemas/review.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import type { LiveView } from '../../../schemas/view.js';
import type { WatchRow } from '../../../schemas/watch.js';
import { allRows } from '../../sdk/pages.js';
import { brokerTime } from '../reach/calls.js';
import { allJobs, allSchedules } from '../reach/lists.js';
import type { Reach } from '../reach/reach.js';
import { recordOf, searchAll } from '../timeline/hits.js';

/** Of each kind the oldest first, but for what was last done. */
export interface HandoverBrief {
  of: PeerRow;
  asked: Thread[];
  owed: Thread[];
  mail: InboxItem[];
  jobs: JobRow[];
  schedules: ScheduleRow[];
  watches: WatchRow[];
  reviews: ReviewRow[];
  leases: LeaseRow[];
  board: BoardRow[];
  /** The newest last. */
  did: LogRecord[];
  /** What could not be looked at, and why: a token may not, or the index is away. */
  unseen: Record<string, string>;
}

const DID = 12;

/** Looks at everything at once; a part that cannot be had is named, and fails nothing. */
export async function gatherBrief(reach: Reach, of: PeerRow): Promise<HandoverBrief> {
  const { peer } = of;
  const unseen: Record<string, string> = {};
  const part = async <T>(name: string, look: Promise<T[]>): Promise<T[]> => {
    try {
      return await look;
    } catch (error) {
      unseen[name] = error instanceof Error ? error.message : String(error);
      return [];
    }
  };
  const open = { state: 'open' };
  const [asked, owed, mail, jobs, schedules, watches, reviews, leases, board, did] =
    await Promise.all([
      part('asked', rowsNow<Thread>(reach, 'asks', { from: peer, ...open })),
      part('owed', rowsNow<Thread>(reach, 'asks', { to: peer, ...open })),
      part('mail', rowsNow<InboxItem>(reach, 'inbox', { peer })),
      part('jobs', jobsOf(reach, peer)),
      part('schedules', schedulesOf(reach, peer)),
      part('watches', watchesOf(reach, peer)),
      part('reviews', reviewsOf(reach, peer)),
      part('leases', leasesOf(reach, peer)),
      part('board', boardOf(reach, peer)),
      part('did', didLast(reach, peer)),
    ]);
  const parts = { asked, owed, mail, jobs, schedules, watches, reviews, leases, board, did };
  return { of, ...parts, unseen };
}

/** How many things would move; what the former one did, holds and moved on a board stays. */
export function dutiesIn(brief: HandoverBrief): number {
  const { asked, owed, mail, jobs, schedules, watches, reviews } = brief;
  return [asked, owed, mail, jobs, schedules, watches, reviews].flat().length;
}

async function rowsNow<Row>(
  reach: Reach,
  view: LiveView,
  where: Record<string, string>,
): Promise<Row[]> {
  const asked = { view, where };
  let page = await reach.look('view.at', { ...asked, time: Math.floor(brokerTime.now()) });
  const { position } = page;
  const rows = page.rows.map(([, row]) => row);
  while (page.next !== undefined) {
    page = await reach.look('view.at', { ...asked, position, after: page.next });
    rows.push(...page.rows.map(([, row]) => row));
  }
  const found = rows as unknown as (Row & { position: number })[];
  return found.sort((a, b) => a.position - b.position);
}

async function jobsOf(reach: Reach, peer: string): Promise<JobRow[]> {
  const rows = await allJobs(reach);
  return rows.filter(
    ({ ended_at, from, owner, to, worker }) =>
      ended_at === undefined && [from, owner, to, worker].includes(peer),
  );
}

async function schedulesOf(reach: Reach, peer: string): Promise<ScheduleRow[]> {
  const rows = await allSchedules(reach, { mine: false });
  return rows.filter(
    ({ state, by, to }) => (state === 'active' || state === 'paused') && [by, to].includes(peer),
  );
}

async function watchesOf(reach: Reach, peer: string): Promise<WatchRow[]> {
  const rows: WatchRow[] = await allRows(at =>
    reach.look('watch.list', { mine: false, state: 'active', ...at }),
  );
  return rows.filter(({ by, to }) => [by, to].includes(peer));
}

async function reviewsOf(reach: Reach, peer: string): Promise<ReviewRow[]> {
  const rows: ReviewRow[] = await allRows(at => reach.look('review.queue', { peer, ...at }));
  return rows.filter(({ my_action }) => my_action !== 'none-needed');
}

async function leasesOf(reach: Reach, peer: string): Promise<LeaseRow[]> {
  const rows: LeaseRow[] = await allRows(at => reach.look('lease.list', { circle: '*', ...at }));
  return rows.filter(({ by }) => by === peer);
}

async function boardOf(reach: Reach, peer: string): Promise<BoardRow[]> {
  const rows: BoardRow[] = await allRows(at => reach.look('board.list', { circle: '*', ...at }));
  return rows.filter(
    ({ by, status, links }) =>
      status !== 'done' && (by === peer || links.some(link => link.by === peer)),
  );
}

async function didLast(reach: Reach, peer: string): Promise<LogRecord[]> {
  const asked = { query: '', records: true, filter: { peers: [peer] } };
  const { hits } = await searchAll(reach, asked, DID);
  return hits.reverse().flatMap(({ record }) => (record && recordOf(record)) ?? []);
}
