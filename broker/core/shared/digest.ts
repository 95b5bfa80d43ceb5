// One inbox item that stands for several messages which came while their peer was away.
import { limits } from '../../../schemas/limits.js';
import { firstChars } from '../../../schemas/text-cut.js';
import type { Box, Item } from '../rows/inbox.js';

interface Swap {
  before?: Item | undefined;
  after?: Item | undefined;
}

const HEAD = 'while you were away:';

function digestIn(box: Box): Item | undefined {
  return box.digest === undefined ? undefined : box.items.get(box.digest);
}

/**
 * The digest with one more message, which gives it its place and ref; of lines it keeps the first
 * `limits.digest_lines`, of refs all. With `isSince` it also keeps since when its first one waits.
 */
export function digestWith(box: Box, message: Item, isSince: boolean): Swap {
  const before = digestIn(box);
  const refs = [...(before?.refs ?? []), message.ref];
  const words = firstChars(message.text, limits.digest_line_chars).replaceAll('\n', ' ');
  const lines = [...linesOf(before), `- ${message.from_name}: ${words}`];
  const after: Item = { ...message, kind: 'system', refs, text: textOf(refs, lines) };
  if (isSince && before !== undefined) after.since = before.since ?? before.time;
  return { before, after };
}

/**
 * The digest without a message, or nothing in its place when that was the last; undefined when none
 * holds it.
 */
export function digestWithout(box: Box, message: string): Swap | undefined {
  const before = digestIn(box);
  const at = before?.refs?.indexOf(message) ?? -1;
  if (before?.refs === undefined || at < 0) return undefined;
  const refs = before.refs.filter(ref => ref !== message);
  const last = refs.at(-1);
  if (last === undefined) return { before };
  const lines = linesOf(before).filter((_, i) => i !== at);
  return { before, after: { ...before, ref: last, refs, text: textOf(refs, lines) } };
}

/** One digest of two, the messages of the older first, under the ref of the newer. */
export function digestsJoined(older: Item, newer: Item): Item {
  const refs = [...(older.refs ?? []), ...(newer.refs ?? [])];
  const text = textOf(refs, [...linesOf(older), ...linesOf(newer)]);
  const since = Math.min(older.since ?? older.time, newer.since ?? newer.time);
  return { ...newer, refs, text, since };
}

/** The first lines are kept; how many more there are stands in the head. */
function textOf(refs: string[], lines: string[]): string {
  const kept = lines.slice(0, limits.digest_lines);
  return [`${refs.length} ${refs.length === 1 ? 'message' : 'messages'} ${HEAD}`, ...kept].join(
    '\n',
  );
}

function linesOf(digest: Item | undefined): string[] {
  return digest?.text.split('\n').slice(1) ?? [];
}
