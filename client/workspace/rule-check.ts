// Near duplicates and likely contradictions among rules: by their words alone, cheap and plain.
import type { MemoryRule } from './rule-file.js';

/** What a new rule says already, or says otherwise. */
export interface RuleFinding {
  id: string;
  kind: 'same' | 'similar' | 'contradicts';
}

/** Shared words of two rules that are about one thing, as a part of all their words. */
const ABOUT = 0.5;
const SIMILAR = 0.75;

const NOT = new Set(
  'not never no cannot without avoid stop forbid nie nicht kein keine'.split(' '),
);
const DULL = new Set(
  (
    'a an and the to of in on at is are be it that this for with by as from or if when do does ' +
    'always every each all any about must should shall will please use t s'
  ).split(' '),
);

/**
 * The rules among those given that a new one repeats or contradicts. Those that can never hold at
 * once, as of two projects, are not compared. It knows words, not what they mean: it points out,
 * and whoever writes decides. https://en.wikipedia.org/wiki/Jaccard_index
 */
export function findingsOf(
  fresh: Pick<MemoryRule, 'words' | 'tags'>,
  rules: readonly MemoryRule[],
): RuleFinding[] {
  const mine = gist(fresh.words);
  return rules.flatMap(rule => {
    if (!mayMeet(fresh.tags, rule.tags)) return [];
    const kind = compared(mine, gist(rule.words));
    return kind === undefined ? [] : [{ id: rule.id, kind }];
  });
}

/** What a rule is about: its telling words, whether it says no, and all its words in a row. */
interface Gist {
  about: Set<string>;
  isNo: boolean;
  all: readonly string[];
}

function gist(words: string): Gist {
  const all = wordsIn(words);
  // "don't" leaves two words.
  const isNot = (word: string, at: number) =>
    NOT.has(word) || (word.endsWith('n') && all[at + 1] === 't');
  const about = all.filter((word, at) => !isNot(word, at) && !DULL.has(word)).map(stem);
  return { about: new Set(about), isNo: all.filter(isNot).length % 2 === 1, all };
}

function compared(one: Gist, other: Gist): RuleFinding['kind'] | undefined {
  const differing = differingWords(one.all, other.all);
  if (differing === 0) return 'same';
  const shared = [...one.about].filter(word => other.about.has(word)).length;
  const all = one.about.size + other.about.size - shared;
  if (shared === 0) return undefined;
  const overlap = shared / all;
  if (one.isNo !== other.isNo) return overlap >= ABOUT ? 'contradicts' : undefined;
  const [mine, theirs] = [one.about.size - shared, other.about.size - shared];
  // One word of each stands where the other has another: "tabs", "spaces".
  const isOther = mine === 1 && theirs === 1 && (overlap >= ABOUT || differing === 1);
  if (isOther) return 'contradicts';
  return overlap >= SIMILAR ? 'similar' : undefined;
}

/** In how many places two rows of words differ; without end where one is longer. */
function differingWords(one: readonly string[], other: readonly string[]): number {
  if (one.length !== other.length) return Infinity;
  return one.filter((word, at) => word !== other[at]).length;
}

/** The words of a text, alike however they are written. */
export function wordsIn(text: string): string[] {
  const plain = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss');
  return plain.split(/[^\p{L}\p{N}]+/u).filter(word => word !== '');
}

/** English plurals and tenses, roughly. */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|es|ing|ed|s)$/, '') : word;
}

/** False for rules of which only one can hold: each is for things of one kind, and for others. */
function mayMeet(mine: readonly string[], theirs: readonly string[]): boolean {
  if (mine.length === 0 || theirs.length === 0) return true;
  const kinds = new Set([...mine, ...theirs].map(tag => tag.split(':')[0]));
  return kinds.size > 1 || mine.some(tag => theirs.includes(tag));
}
