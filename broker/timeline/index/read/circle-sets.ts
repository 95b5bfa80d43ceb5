// The sets of circles that events touch, each as one term: which of them a reader may see.
import type { IndexView } from '../store/names.js';

/**
 * The numbers of the sets that lie within the rights and have one of the wanted circles; undefined
 * when any will do. An event that touches two circles is for those who may see both.
 */
export function circleSets(
  store: IndexView,
  rights: readonly string[],
  wanted: readonly string[] | undefined,
): number[] | undefined {
  const mayAll = rights.includes('*');
  if (mayAll && wanted === undefined) return undefined;
  const ids: number[] = [];
  for (const [id, name] of store.db.all('SELECT id, name FROM circle_sets')) {
    const circles = String(name) === '' ? [] : String(name).split(' ');
    // What touches no circle is for those who may see everything.
    const isSeen = mayAll || (circles.length > 0 && circles.every(each => rights.includes(each)));
    const isWanted = wanted === undefined || circles.some(each => wanted.includes(each));
    if (isSeen && isWanted) ids.push(Number(id));
  }
  return ids;
}

/** The numbers of all: each record has one of them. */
export function allSets({ db }: IndexView): number[] {
  return db.all('SELECT id FROM circle_sets').map(([id]) => Number(id));
}
