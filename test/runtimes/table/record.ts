// The record of a fake model, read: how often, when and in which order each letter was shown.
import type { Turn } from '../model/fake-model.js';

/** Stands in the task of a subagent, whose turns are not the session's. */
export const ERRAND = 'errand-of-a-subagent';

/** The words of others as they are rendered, whatever the API wraps them in. */
const FENCED = /--- ([0-9a-f]{12}): words of .*? ---(.*?)--- \1: end ---/gs;

/** True for the turn of a subagent. */
export function isErrand({ shown }: Turn): boolean {
  return shown.some(({ role, text }) => role !== 'model' && text.includes(ERRAND));
}

/** Where a mark stands between fences in a turn. */
function places({ shown }: Turn, mark: string): number[] {
  const text = shown.map(block => block.text).join('\n');
  return [...text.matchAll(FENCED)].flatMap(({ 2: words = '', index }) =>
    words.includes(mark) ? [index] : [],
  );
}

/** What became of one letter before the model. */
export interface Showing {
  /** How often it was put before the model: what stays in the conversation is not shown again. */
  times: number;
  /** When it was shown first, in ms of this process's clock; Infinity for never. */
  at: number;
  /** Whether a subagent's model had it. */
  isAstray: boolean;
  /** How often the model was told that it may have seen it. */
  warned: number;
}

/** How a mark was shown in the turns. A conversation grows; where it begins anew, it shrinks. */
export function showingOf(turns: readonly Turn[], mark: string): Showing {
  const showing: Showing = { times: 0, at: Infinity, isAstray: false, warned: 0 };
  let before = 0;
  for (const turn of turns) {
    const now = places(turn, mark).length;
    if (isErrand(turn)) {
      showing.isAstray ||= now > 0;
      continue;
    }
    if (now > before) {
      showing.times += now - before;
      showing.at = Math.min(showing.at, turn.at);
    }
    showing.warned = Math.max(showing.warned, warnings(turn, mark));
    before = now;
  }
  return showing;
}

/** How many heads say "shown again" right before the words with the mark. */
function warnings({ shown }: Turn, mark: string): number {
  const text = shown.map(block => block.text).join('\n');
  return [...text.matchAll(FENCED)].filter(({ 2: words = '', index }) => {
    const head =
      text
        .slice(0, index)
        .split(/\n|\\n/)
        .filter(Boolean)
        .at(-1) ?? '';
    return words.includes(mark) && head.includes('shown again');
  }).length;
}

/** The marks in the order in which the model first met them. */
export function orderOf(turns: readonly Turn[], marks: readonly string[]): string[] {
  const met: string[] = [];
  for (const turn of turns.filter(each => !isErrand(each))) {
    const here = marks
      .filter(mark => !met.includes(mark))
      .map(mark => ({ mark, place: places(turn, mark)[0] ?? -1 }))
      .filter(({ place }) => place >= 0);
    met.push(...here.sort((a, b) => a.place - b.place).map(({ mark }) => mark));
  }
  return met;
}
