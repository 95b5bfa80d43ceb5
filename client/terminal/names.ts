// What peers are called now, learnt from the list of peers and from the log as it goes by.
import type { SignalEvent } from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';
import { shortId } from './short-id.js';

/** What peers and tokens are called, as far as is known. */
export interface Names {
  /** The name of a peer; the short id of one that nobody has named. */
  of(id: string): string;
  /** The same where somebody has named it. */
  known(id: string): string | undefined;
  learn(event: SignalEvent): void;
  /** Takes names as they are listed. */
  add(rows: Iterable<{ peer: string; name: string }>): void;
}

/** Names that begin with those of a list. */
export function createNames(rows: Iterable<{ peer: string; name: string }>): Names {
  const names = new Map(Array.from(rows, row => [row.peer, row.name]));
  return {
    known: id => names.get(id),
    add(rows) {
      for (const { peer, name } of rows) names.set(peer, name);
    },
    of: id => names.get(id) ?? (/^(peer|token|boot)_/.test(id) ? unnamed(id) : id),
    learn(event) {
      // A name already listed is newer than the one of an old join.
      if (event.type === 'peer.joined' && !names.has(event.peer)) names.set(event.peer, event.name);
      if (event.type === 'peer.renamed') names.set(event.by, event.name);
      if (event.type === 'token.created')
        names.set(named('token', event.id), `token ${event.name}`);
    },
  };
}

function unnamed(id: string): string {
  return id.slice(0, id.indexOf('_') + 1) + shortId(id);
}

/**
 * What is told to scripts, with the name of each peer beside its id: `from_name` beside `from`,
 * `name` beside `peer`, `touched_by_names` beside a list. Names that are there already stay.
 */
export function nameIds<T>(told: T, names: Names): T {
  if (Array.isArray(told)) return told.map(item => nameIds(item, names)) as T;
  if (typeof told !== 'object' || told === null) return told;
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(told)) {
    named[key] = nameIds(value, names);
    const [beside, name] = nameBeside(key, value, names);
    if (beside !== undefined && !(beside in told)) named[beside] = name;
  }
  return named as T;
}

function nameBeside(key: string, value: unknown, names: Names): [string?, unknown?] {
  if (Array.isArray(value) && value.length > 0 && value.every(isPeer))
    return [`${key}_names`, value.map(id => names.of(id))];
  const name = isPeer(value) ? names.known(value) : undefined;
  if (name === undefined) return [];
  return [key === 'peer' ? 'name' : `${key}_name`, name];
}

/** The peers that something tells of by their ids. */
export function* peersIn(told: unknown): Iterable<string> {
  if (typeof told === 'string' && /^peer_[0-9a-f-]{36}$/.test(told)) yield told;
  if (typeof told !== 'object' || told === null) return;
  for (const value of Object.values(told)) yield* peersIn(value);
}

/** The names that an answer itself tells, as of peers that have left and are in no list. */
export function* namesIn(told: unknown): Iterable<{ peer: string; name: string }> {
  if (typeof told !== 'object' || told === null) return;
  for (const [key, value] of Object.entries(told)) {
    yield* namesIn(value);
    const beside = key === 'peer' ? 'name' : `${key}_name${Array.isArray(value) ? 's' : ''}`;
    const named: unknown = (told as Record<string, unknown>)[beside];
    const ids: unknown[] = [value].flat();
    for (const [at, name] of [named].flat().entries()) {
      const peer = ids[at];
      if (typeof name === 'string' && isPeer(peer)) yield { peer, name };
    }
  }
}

function isPeer(value: unknown): value is string {
  return typeof value === 'string' && /^(?:peer|token)_/.test(value);
}
