// The thing that typed words mean: an id, or the newest hit of a full-text search.
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { isFullId, isShortId } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import { findRef } from '../reach/find.js';
import type { Reach } from '../reach/reach.js';
import { searchAll } from './hits.js';

type ThreadKind = 'ask' | 'msg' | 'job' | 'sched' | 'watch';

const NOUNS: Readonly<Record<ThreadKind, string>> = {
  ask: 'ask',
  msg: 'message',
  job: 'job',
  sched: 'schedule',
  watch: 'watch',
};
/** Among the newest of what was said there is one about a thing. */
const SOME = 20;

/** What an id names; else the newest thing of these kinds of which the words were said. */
export async function meantThing(
  cli: Cli,
  reach: Reach,
  words: readonly string[],
  kinds: readonly [ThreadKind, ...ThreadKind[]],
): Promise<string> {
  const [typed = '', ...others] = words;
  if (others.length === 0 && (isFullId(typed) || isShortId(typed))) {
    return findRef(cli, reach, typed, kinds);
  }
  const query = words.join(' ').trim();
  const filter = { kinds: kinds.map(kind => NOUNS[kind]) };
  const { hits } = await searchAll(reach, { query, filter }, SOME);
  const isMeant = (ref: string) => isFullId(ref) && kinds.some(kind => ref.startsWith(`${kind}_`));
  const found = hits.find(({ ref }) => isMeant(ref))?.ref;
  if (found !== undefined) return found;
  throw new Failure('unknown', `of ${oneLine(query, 64)} nothing was said`, {
    hint: 'look with other words: signalbox search',
  });
}

/** A Failure of usage where nothing was typed but blanks. */
export function demandWords(words: readonly string[]): void {
  if (words.some(word => word.trim() !== '')) return;
  throw new Failure('usage', 'there are no words to search for');
}
