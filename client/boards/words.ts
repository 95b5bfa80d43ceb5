// The words of boards: what a column comes to, which one is meant, and texts as one clean line.
import type { BoardStatus } from '../../schemas/events/board.js';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';

const known: Readonly<Record<Exclude<BoardStatus, 'unknown'>, readonly string[]>> = {
  todo: [
    ...['todo', 'to do', 'backlog', 'open', 'new', 'ready', 'planned', 'next', 'up next', 'later'],
    ...['inbox', 'icebox', 'triage', 'draft', 'no status', 'not started', 'sprint backlog'],
  ],
  in_progress: [
    ...['in progress', 'inprogress', 'progress', 'doing', 'wip', 'work in progress', 'started'],
    ...['active', 'working', 'in development', 'development', 'in dev', 'current', 'hooked'],
  ],
  in_review: [
    ...['in review', 'review', 'reviewing', 'code review', 'needs review', 'ready for review'],
    ...['qa', 'in qa', 'testing', 'in testing', 'verify', 'validation'],
  ],
  blocked: ['blocked', 'waiting', 'on hold', 'hold', 'stuck', 'deferred', 'paused'],
  done: [
    ...['done', 'closed', 'complete', 'completed', 'finished', 'shipped', 'merged', 'released'],
    ...[
      'resolved',
      'archived',
      'archive',
      'cancelled',
      'canceled',
      'wont do',
      'wontfix',
      'dropped',
    ],
  ],
};

const statuses = new Map(
  (Object.keys(known) as (keyof typeof known)[]).flatMap(status =>
    known[status].map(word => [word, status] as const),
  ),
);

/** A word as it is compared: without case, marks, pictures, numbers before and counts behind it. */
export function plainWord(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^\d+ (?=\p{L})| \d+$/gu, '');
}

/** What a word of a board comes to. */
export function statusOf(word: string): BoardStatus {
  return statuses.get(plainWord(word)) ?? 'unknown';
}

/** A status as people write it. */
export function statusWord(status: BoardStatus): string {
  return status === 'todo' ? 'to do' : status.replaceAll('_', ' ');
}

/** True for two spellings of one word, and for a word and the status that it comes to. */
export function isSameColumn(a: string, b: string): boolean {
  return plainWord(a) === plainWord(b);
}

/**
 * The column that is meant: by its word as it is, however it is spelled, or by what it comes to.
 * Throws a Failure that names those there are.
 */
export function columnNamed(columns: readonly string[], wanted: string): string {
  const exact = columns.find(each => each === wanted);
  const spelled = columns.find(each => isSameColumn(each, wanted));
  const status = statusOf(wanted);
  const like = status === 'unknown' ? undefined : columns.find(each => statusOf(each) === status);
  const found = exact ?? spelled ?? like;
  if (found !== undefined) return found;
  const names = columns.map(each => `"${each}"`).join(', ') || 'none';
  const message = `the board has no column "${oneLine(wanted, limits.board_word_chars)}"`;
  throw new Failure('unknown', message, { hint: `its columns are: ${names}` });
}

/** A text of a board as one line of at most so many characters. */
export function cleanLine(text: string, chars: number = limits.board_title_chars): string {
  const line = text
    .replace(/[\p{Cc}\s\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu, ' ')
    .trim();
  if (line.length <= chars) return line;
  // Never half of a character that takes two units.
  return `${line.slice(0, chars - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
