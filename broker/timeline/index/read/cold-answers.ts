// Cold reads answered from the index: rows, pages, fan-outs, commands and stages, as of a commit.

import { limits } from '../../../../schemas/limits.js';
import { type ColdRows, type ColdView, coldKinds } from '../../../core/archive.js';
import { groupFrom } from '../../../core/asks/fan-out.js';
import type { Fold } from '../../../core/fold.js';
import type { AskRow } from '../../../core/rows/asks.js';
import type { Remembered } from '../../../core/rows/command-ids.js';
import { unpackReceipt } from '../../../core/rows/receipt.js';
import type { IndexAnswer, IndexQuestion } from '../index-questions.js';
import type { IndexView } from '../store/names.js';
import { stagesOf } from '../store/stage-store.js';
import { ownTerm, thingTerm } from '../write/facets.js';
import { endedPage, endedRow, everEnded } from './cold-rows.js';
import { type ReadRecord, readBack, sequenceOf } from './read-back.js';
import { conditionOf, oldest } from './record-search.js';
import type { SearchGround } from './search.js';

const ELSEWHERE: IndexAnswer = { isElsewhere: true };

type ColdQuestion = Exclude<IndexQuestion, { find: 'records' | 'search' | 'thread' }>;

/**
 * What is found as of the question's commit. Only the log can tell how a row stood that has changed
 * since; who asks of what has left the table never meets that.
 */
export async function answerCold(
  ground: SearchGround,
  fold: Fold,
  question: ColdQuestion,
  signal: AbortSignal,
): Promise<IndexAnswer> {
  const { store } = ground;
  const { asOf } = question;
  switch (question.find) {
    case 'row':
      return rowAnswer(store, fold, question.view, question.key, asOf);
    case 'page': {
      const rows = endedPage(store, question.view, { ...question, upTo: asOf });
      return rows === undefined ? ELSEWHERE : { found: rows };
    }
    case 'stages':
      return { found: stagesOf(store, question.ref, asOf) };
    case 'command':
      return { found: await firstOutcome(ground, question.id, asOf, signal) };
    case 'fan_out':
      return await fanOut(ground, fold, question.group, asOf, signal);
  }
}

function rowAnswer<V extends ColdView>(
  store: IndexView,
  { table, sequence }: Fold,
  view: V,
  key: string,
  asOf: number,
): { found: ColdRows[V] | undefined } | { isElsewhere: true } {
  const ended = endedRow(store, view, key, asOf);
  if (ended !== undefined) return { found: ended };
  const { get, hasEnded } = coldKinds[view];
  const live = get(table, key);
  if (live === undefined || hasEnded(live)) {
    const isLater = live !== undefined || everEnded(store, view, key);
    return isLater ? { isElsewhere: true } : { found: undefined };
  }
  if (sequence === asOf) return { found: shown(view, live) };
  if (view !== 'asks') return { isElsewhere: true };
  const { position, handed_from } = live as unknown as AskRow;
  // An open ask is as it was when it was opened, but for a handover.
  if (handed_from !== undefined) return { isElsewhere: true };
  return { found: sequenceOf(position) <= asOf ? live : undefined };
}

/** The table holds more of a schedule than is read, and goes on with its history. */
function shown<V extends ColdView>(view: V, row: ColdRows[V]): ColdRows[V] {
  if (view !== 'schedules') return row;
  const { row: schedule, history } = row as ColdRows['schedules'];
  return { row: schedule, history: [...history] } as ColdRows[V];
}

/** The records that bear the id as their own, the oldest first. */
async function ownRecords(
  { store, log }: SearchGround,
  id: string,
  asOf: number,
  signal: AbortSignal,
): Promise<ReadRecord[]> {
  const condition = conditionOf({ facets: [ownTerm(thingTerm(id))] });
  if (condition === undefined) return [];
  const stretch = { from: 0, to: (asOf + 1) * limits.commit_positions };
  const { positions } = oldest(store, condition, stretch, REPEATS);
  return readBack(log, store, positions, signal);
}

/** Two things hardly ever share a term; a command may have come again and again. */
const REPEATS = 8;

async function firstOutcome(
  ground: SearchGround,
  id: string,
  asOf: number,
  signal: AbortSignal,
): Promise<Remembered | undefined> {
  for (const { record } of await ownRecords(ground, id, asOf, signal)) {
    const { event, position, void: reason } = record;
    if (event?.id !== id) continue;
    const sql = 'SELECT packed FROM receipts WHERE position = ?';
    const packed = Number(ground.store.db.get(sql, position)?.[0] ?? 0);
    const receipt = reason === undefined ? unpackReceipt(event.type, packed) : undefined;
    return { author: event.by, type: event.type, position, reason, receipt };
  }
  return undefined;
}

async function fanOut(
  ground: SearchGround,
  fold: Fold,
  group: string,
  asOf: number,
  signal: AbortSignal,
): Promise<IndexAnswer> {
  for (const { record } of await ownRecords(ground, group, asOf, signal)) {
    const { event, void: reason } = record;
    if (event?.type !== 'ask.fanned_out' || event.group !== group || reason !== undefined) continue;
    const row = groupFrom(event);
    const threads = new Map<string, AskRow>();
    for (const { ask } of row.asks) {
      const answer = rowAnswer(ground.store, fold, 'asks', ask, asOf);
      if ('isElsewhere' in answer) return answer;
      if (answer.found !== undefined) threads.set(ask, answer.found);
    }
    return { found: { row, threads } };
  }
  return { found: undefined };
}
