// Pages of the log for one webhook: what it is to be told of next, read ahead within bounds.
import { unpack } from '../../../schemas/codec.js';
import { toJson } from '../../../schemas/json-numbers.js';
import { limits } from '../../../schemas/limits.js';
import { replay } from '../../archive/replay.js';
import type { Fold } from '../../core/fold.js';
import type { RecordHead } from '../../core/webhooks/interest.js';
import type { Log } from '../../log/log.js';
import type { ReadCommit, RecentCommits } from './recent-commits.js';

/** A record that a webhook is told of. */
export interface ToldRecord {
  position: number;
  /** Log time in ms UTC. */
  time: number;
  type: string;
  /** The id of the event, which makes that of the delivery. */
  event: string;
  /** What is sent: `{position, time, event}`, as `log.read` tells them. */
  body: string;
}

export interface HookPage {
  records: ToldRecord[];
  /** Up to and with this position nothing else is wanted. */
  up_to: number;
}

export interface PageSource {
  log: Pick<Log, 'read'>;
  fold: Fold;
  recent: RecentCommits;
}

const STEP = limits.commit_positions;

/** What comes after a position: out of memory when it is recent, else read back from the log. */
export async function pageAfter(
  { log, fold, recent }: PageSource,
  after: number,
  wants: (record: RecordHead) => boolean,
): Promise<HookPage> {
  const first = Math.floor(after / STEP);
  const page: HookPage = { records: [], up_to: after };
  const head = fold.sequence;
  if (after >= endOf(head)) return page;
  if (first > recent.base) {
    for (const commit of recent.from(first)) if (isFilled(page, commit, after, wants)) return page;
    return { ...page, up_to: endOf(head) };
  }
  const last = Math.min(head, first + limits.outgoing_scan_commits);
  for await (const commit of replay(log as Log, fold, first)) {
    if (isFilled(page, commit, after, wants)) return page;
    page.up_to = endOf(commit.sequence);
    if (commit.sequence >= last) break;
  }
  return page;
}

/** One record by its position; undefined when there is none that took effect. */
export async function recordAt(
  { log, fold }: PageSource,
  position: number,
): Promise<ToldRecord | undefined> {
  const page: HookPage = { records: [], up_to: 0 };
  for await (const commit of replay(log as Log, fold, Math.floor(position / STEP))) {
    isFilled(page, commit, position - 1, record => record.void === undefined);
    break;
  }
  return page.records.find(record => record.position === position);
}

function endOf(sequence: number): number {
  return sequence * STEP + STEP - 1;
}

/** Adds what is wanted of a commit; true once the page is full, which may be in the middle. */
function isFilled(
  page: HookPage,
  { time, records }: ReadCommit,
  after: number,
  wants: (record: RecordHead) => boolean,
): boolean {
  for (const record of records) {
    const { position, type } = record;
    if (position <= after || !wants(record)) continue;
    const event = unpack(record.bytes) as { id: string };
    const body = toJson({ position, time, event });
    page.records.push({ position, time, type, event: event.id, body });
    page.up_to = position;
    if (isFull(page)) return true;
  }
  return false;
}

function isFull({ records }: HookPage): boolean {
  if (records.length >= limits.outgoing_page_items) return true;
  let chars = 0;
  for (const { body } of records) chars += body.length;
  return chars >= limits.outgoing_page_bytes;
}
