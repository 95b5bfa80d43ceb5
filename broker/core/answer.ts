// The answer to a command, from where it stands in the log and what the fold made of it.

import type { CommandName } from '../../schemas/method.js';
import { askIn, named } from '../../schemas/uuid.js';
import { claimAnswer, updateAnswer } from './jobs/answers.js';
import { statusOf } from './rows/presence.js';
import type { Table } from './rows/table.js';
import { madeAnswer } from './schedules/answers.js';
import { DROPPED, OFFERED, QUEUED } from './shared/items.js';
import type { Outcome } from './shared/outcome.js';

/** What was asked, as far as the answer needs it again. */
export interface Asked {
  method: CommandName;
  id: string;
  params: Record<string, unknown>;
  /** The peer that spoke. */
  peer?: string | undefined;
  /** Asked before and answered: a made secret is told once. */
  isRepeat?: boolean;
}

export interface AnswerContext {
  table: Table;
  cursor(): string;
  now(): number;
  secretFor(id: string): string;
}

type Answer = Record<string, unknown>;

/** The same outcome makes the same answer, so a repeat is answered like the first. */
export function answerTo(context: AnswerContext, asked: Asked, outcome: Outcome): Answer {
  const { position, reason } = outcome;
  const verdict: Answer =
    reason === undefined ? { position, verdict: 'applied' } : { position, verdict: 'void', reason };
  return Object.assign(verdict, more(context, asked, outcome));
}

function more(context: AnswerContext, asked: Asked, outcome: Outcome): Answer | undefined {
  const { method, id, params } = asked;
  const { detail } = outcome;
  switch (method) {
    case 'peer.join':
      return joined(context, asked);
    case 'peer.rename':
      return renamed(context.table, asked.peer, params.name);
    case 'ask.open':
      return { ask: named('ask', id), delivery: deliveries[detail] };
    case 'ask.fan_out':
      return fannedOut(named('ask', id), params);
    case 'job.create':
      return { job: named('job', id) };
    case 'job.claim':
      return claimAnswer(context.table, outcome);
    case 'job.update':
      return updateAnswer(context.table, outcome, params);
    case 'schedule.create':
    case 'schedule.cron':
    case 'schedule.self':
      return madeAnswer(context.table, named('sched', id), outcome);
    case 'schedule.resume':
      return madeAnswer(context.table, String(params.schedule), outcome);
    case 'notify.send':
      return { message: named('msg', id), delivery: deliveries[detail] };
    case 'broadcast.send':
      return { message: named('msg', id), recipients: detail };
    case 'inbox.subscribe':
      return { generation: detail };
    case 'token.create':
      return { token: named('token', id), ...madeSecret(context, asked) };
    case 'peer.leave':
    case 'peer.describe':
    case 'peer.turn':
    case 'peer.kill':
    case 'ask.close':
    case 'message.retract':
    case 'inbox.ack':
    case 'token.revoke':
    case 'job.finish':
    case 'job.cancel':
    case 'job.retry':
    case 'schedule.pause':
    case 'schedule.cancel':
    case 'review.touch':
    case 'review.request':
    case 'review.mark':
    case 'review.forget':
    case 'usage.budget':
      return undefined;
  }
}

const deliveries: Record<number, string> = {
  [QUEUED]: 'queued',
  [OFFERED]: 'offered',
  [DROPPED]: 'dropped',
};

function fannedOut(group: string, { to }: Record<string, unknown>): Answer {
  return { group, asks: ((to ?? []) as string[]).map((_, n) => askIn(group, n)) };
}

/** The secret is told once, to who did not choose it: an id seen in the log is no proof. */
function madeSecret({ secretFor }: AnswerContext, { id, params, isRepeat }: Asked): Answer {
  return params.secret === undefined && !isRepeat ? { secret: secretFor(id) } : {};
}

function joined(context: AnswerContext, asked: Asked): Answer {
  const { id, params } = asked;
  const peer = typeof params.peer === 'string' ? params.peer : named('peer', id);
  const now = { ...standing(context, peer, params.name), ...madeSecret(context, asked) };
  const isSilent = asked.isRepeat && params.secret === undefined;
  return isSilent
    ? { ...now, warning: 'The made secret was told once, in the first answer.' }
    : now;
}

/** Where a peer stands as it begins to speak: its name, inbox generation, and the log. */
export function standing({ table, cursor, now }: AnswerContext, peer: string, name?: unknown) {
  return {
    peer,
    ...renamed(table, peer, name),
    generation: table.inbox.boxes.get(peer)?.generation ?? 0,
    cursor: cursor(),
    time: now(),
  };
}

function renamed(table: Table, peer = '', wanted: unknown): Answer {
  const row = table.peers.rows.get(peer);
  if (row === undefined) return {};
  if (wanted === undefined || row.name === wanted) return { name: row.name };
  const holder = table.peers.holder(String(wanted), row.circle);
  const isAway = holder !== undefined && statusOf(holder) === 'offline';
  const warning = `"${wanted}" is held by a peer that is offline; was it an earlier session?`;
  const cure = 'Join with its peer id and secret to get the name back.';
  const base = { name: row.name, renamed: true };
  return isAway ? { ...base, warning: `${warning} ${cure}` } : base;
}
