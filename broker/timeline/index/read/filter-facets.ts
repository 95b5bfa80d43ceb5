// A filter and rights as facets: the terms that a record has which they may let pass.
import type { Filter } from '../../../../schemas/log.js';
import type { IndexView } from '../store/names.js';
import {
  aboutTerm,
  circlesTerm,
  ownTerm,
  peerTerm,
  projectTerm,
  thingTerm,
  typeTerm,
} from '../write/facets.js';
import { allSets, circleSets } from './circle-sets.js';

export interface Filtered {
  filter: Filter;
  /** Those that the rights cover. */
  circles: readonly string[];
  project?: string | undefined;
}

/**
 * Lists of terms, of each of which one must be there. A term of a thing may stand for two, so a
 * record is looked at once more; of what the filter lets pass, none is without its terms.
 */
export function filterFacets(store: IndexView, { filter, circles, project }: Filtered): string[][] {
  const facets: string[][] = [];
  const sets = circleSets(store, circles, filter.circles);
  if (sets !== undefined) facets.push(sets.map(circlesTerm));
  const known = (names: readonly string[]) =>
    names.map(name => store.names.idOf(name)).filter(id => id !== undefined);
  if (filter.types !== undefined) facets.push(known(filter.types).map(typeTerm));
  if (filter.kinds !== undefined) {
    facets.push(filter.kinds.flatMap(kind => namesOfKind(store, kind)).map(typeTerm));
  }
  if (filter.peers !== undefined) facets.push(known(filter.peers).map(peerTerm));
  if (filter.refs !== undefined) {
    const things = filter.refs.map(thingTerm);
    facets.push(things.flatMap(thing => [aboutTerm(thing), ownTerm(thing)]));
  }
  if (project !== undefined) facets.push(known([project]).map(projectTerm));
  if (facets.length === 0) facets.push(allSets(store).map(circlesTerm));
  return facets;
}

/** The numbers of all types of a kind that the log has ever had, known to this program or not. */
function namesOfKind({ db }: IndexView, kind: string): number[] {
  const sql = 'SELECT id FROM names WHERE name >= ? AND name < ?';
  return db.all(sql, `${kind}.`, `${kind}/`).map(([id]) => Number(id));
}
