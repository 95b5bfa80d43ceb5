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

/** A place where words of others stand before the model. */
interface Place {
  /** Made anew each time that words are rendered: the same fence is the same showing. */
  fence: string;
  at: number;
  isAgain: boolean;
}

function placesOf({ shown }: Turn, mark: string): Place[] {
  const text = shown.map(block => block.text).join('\n');
  return [...text.matchAll(FENCED)].flatMap(({ 1: fence = '', 2: words = '', index }) => {
    if (!words.includes(mark)) return [];
    // The head stands in the line before the fence; in JSON a line ends as it is escaped.
    const head =
      text
        .slice(0, index)
        .split(/\n|\\n/)
        .filter(Boolean)
        .at(-1) ?? '';
    return [{ fence, at: index, isAgain: head.includes('shown again') }];
  });
}

/** What became of one letter before the model. */
export interface Showing {
  /** How often it was put before the model: what stays in a conversation is not shown again. */
  times: number;
  /** When it was shown first, in ms of this process's clock; Infinity for never. */
  at: number;
  /** Whether a subagent's model had it. */
  isAstray: boolean;
  /** How often the model was told that it may have seen it. */
  warned: number;
}

export function showingOf(turns: readonly Turn[], mark: string): Showing {
  const fences = new Map<string, boolean>();
  const showing: Showing = { times: 0, at: Infinity, isAstray: false, warned: 0 };
  for (const turn of turns) {
    const places = placesOf(turn, mark);
    if (places.length > 0 && isErrand(turn)) showing.isAstray = true;
    if (isErrand(turn)) continue;
    for (const { fence, isAgain } of places) fences.set(fence, isAgain);
    if (places.length > 0) showing.at = Math.min(showing.at, turn.at);
  }
  showing.times = fences.size;
  showing.warned = [...fences.values()].filter(Boolean).length;
  return showing;
}

/** The marks in the order in which the model first met them. */
export function orderOf(turns: readonly Turn[], marks: readonly string[]): string[] {
  const met: string[] = [];
  for (const turn of turns.filter(each => !isErrand(each))) {
    const here = marks
      .filter(mark => !met.includes(mark))
      .map(mark => ({ mark, place: placesOf(turn, mark)[0]?.at ?? -1 }))
      .filter(({ place }) => place >= 0);
    met.push(...here.sort((a, b) => a.place - b.place).map(({ mark }) => mark));
  }
  return met;
}
