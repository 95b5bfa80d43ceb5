// What peers are told of jobs: work for them, an order to stop, and how what they own has ended.

import { compact } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import { firstChars } from '../../../schemas/text-cut.js';
import { type Change, rowsIn } from '../change.js';
import type { Item } from '../rows/inbox.js';
import type { Job } from '../rows/jobs.js';
import { statusOf } from '../rows/presence.js';
import type { Table } from '../rows/table.js';
import { itemOf, put, remove } from '../shared/items.js';
import type { Fact, View } from '../shared/view.js';

export const jobNoticesView = {
  check: {},
  apply: {
    'job.created': tell,
    'job.claimed': tell,
    'job.finished': tell,
    'job.cancelled': tell,
    'job.retried': tell,
    'job.due': tell,
    'job.lapsed': tell,
    'job.expired': tell,
    'orchestrator.handed_over': reassign,
    'peer.left': tell,
    'peer.killed': tell,
    'peer.retired': tell,
  },
} satisfies View;

/** What the rules of the jobs have just changed is told, each job by the state it is in now. */
function tell(table: Table, fact: Fact, changes: Change[]): void {
  for (const job of rowsIn(changes, 'jobs')) tellOf(table, fact, job, changes);
}

function tellOf(table: Table, fact: Fact, job: Job, changes: Change[]): void {
  switch (job.state) {
    case 'scheduled':
      return;
    case 'queued':
      assign(table, fact, job, changes);
      return;
    case 'claimed':
    case 'running':
    case 'awaiting_input':
    case 'blocked':
      if (fact.event.type === 'job.cancelled') stop(table, fact, job, job.cancel?.reason, changes);
      else if (job.worker !== undefined) unTell(table, job.worker, job.job, changes);
      return;
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'expired':
      settle(table, fact, job, changes);
  }
}

/** A successor that is to do what its peer had been told of, and has not claimed, is told again. */
function reassign(table: Table, fact: Fact<'orchestrator.handed_over'>, changes: Change[]): void {
  const { of, to } = fact.event;
  for (const job of rowsIn(changes, 'jobs')) {
    const isTold = table.inbox.boxes.get(to)?.items.has(job.job);
    if (job.state !== 'queued' || job.to !== to || isTold) continue;
    assign(table, fact, job, changes, { handed_from: of, repeated: true });
  }
}

/** Who is to do it is told that it waits. */
function assign(
  table: Table,
  fact: Fact,
  job: Job,
  changes: Change[],
  again: Partial<Item> = {},
): void {
  const { to, title, body = '', attachments, deadline_at } = job;
  if (to === undefined || !isHere(table, to)) return;
  const text = body === '' ? title : `${title}\n${body}`;
  const more = { attachments, deadline_at, ...again };
  put(table, to, notice(table, fact, job, 'job', text, more, job.from), changes);
}

/** The worker is told to stop, in place of whatever it was told of this job before. */
function stop(table: Table, fact: Fact, job: Job, reason = '', changes: Change[]): void {
  const { worker = '', title } = job;
  if (!isHere(table, worker)) return;
  const text = `Stop: ${title}\n${reason}`;
  const by = isPeer(fact.event.by) ? fact.event.by : job.from;
  put(table, worker, notice(table, fact, job, 'system', text, {}, by), changes);
}

function settle(table: Table, fact: Fact, job: Job, changes: Change[]): void {
  const { worker, to, summary, error, cancel, state } = job;
  // A worker whose lease ended may still be at it: an order to stop stays until it was seen.
  if (worker === undefined) unTell(table, to ?? '', job.job, changes);
  else if (fact.event.type === 'job.finished') unTell(table, worker, job.job, changes);
  else if (state === 'expired') stop(table, fact, job, 'The deadline has passed.', changes);
  const hearer = hearerOf(table, job);
  if (hearer === undefined) return;
  const words = [`${state}: ${job.title}`, summary, error, state === 'cancelled' && cancel?.reason];
  const text = words.filter(line => line).join('\n');
  const more = { outcome: state, attachments: job.artifacts };
  const by = worker ?? to ?? (isPeer(fact.event.by) ? fact.event.by : job.from);
  put(table, hearer, notice(table, fact, job, 'job', text, more, by), changes);
}

/** The owner, else who made it, else an orchestrator of its circle, those who are there first. */
function hearerOf(table: Table, { owner, from, circle, recurs }: Job): string | undefined {
  const near = [owner ?? from, from].find(peer => isHere(table, peer));
  const hearer = near ?? orchestratorOf(table, circle);
  // Runs come for ever, so of them nobody is told who never reads.
  const isMute = recurs !== undefined && hearer !== undefined && table.inbox.isFull(hearer, 0);
  return isMute ? undefined : hearer;
}

function orchestratorOf(table: Table, circle: string): string | undefined {
  let found: string | undefined;
  let isFoundLive = false;
  for (const row of table.peers.members(circle)) {
    if (row.role !== 'orchestrator') continue;
    const isLive = statusOf(row) !== 'offline';
    const isBetter = isLive === isFoundLive ? row.peer < (found ?? '~') : isLive;
    if (found !== undefined && !isBetter) continue;
    found = row.peer;
    isFoundLive = isLive;
  }
  return found;
}

function notice(
  table: Table,
  fact: Fact,
  { job }: Job,
  kind: 'job' | 'system',
  text: string,
  more: Parameters<typeof itemOf>[5],
  by: string,
) {
  return itemOf(
    table,
    fact,
    kind,
    job,
    firstChars(text, limits.job_notice_chars),
    compact(more),
    by,
  );
}

function unTell(table: Table, peer: string, job: string, changes: Change[]): void {
  const box = table.inbox.boxes.get(peer);
  if (box !== undefined) remove(table, box, job, changes);
}

function isHere(table: Table, peer: string): boolean {
  const row = table.peers.rows.get(peer);
  return row !== undefined && row.retired === undefined;
}

function isPeer(by: string): boolean {
  return by.startsWith('peer_');
}
