// Subscription groups: the observers whose filter and rights are equal, and who share every frame.
import type { Filter } from '../../../schemas/log.js';
import type { Rights } from '../../core/rows/rights.js';
import type { FoldedCommit } from '../../core/words.js';
import type { LogOutlet } from '../shared/outlet.js';
import type { Chunk, CursorPoint } from './chunk.js';
import { createEventFilter, type EventFilter, filterKey } from './event-filter.js';

export interface Group {
  /** The subscription its readers know it by. */
  id: string;
  key: string;
  filter: EventFilter;
  readers: Set<Reader>;
  /** The readers at the head, who are written to as commits come. */
  live: Set<Reader>;
  /** Where those at the head stand: what came up to here has been shown to them. */
  head: CursorPoint;
  /** What came since and is being gathered for them. */
  fresh: FoldedCommit[];
  freshBytes: number;
  gathering: NodeJS.Timeout | undefined;
  /** The wall time of the last frame to those at the head, in ms. */
  toldAt: number;
  /** Chunks read behind the head in this turn, by where they begin. */
  behind: Map<number, Chunk>;
}

/** One subscription of one connection: a place in the log, and no more. */
export interface Reader {
  outlet: LogOutlet;
  group: Group;
  /** The token whose end ends it. */
  token: string;
  /** The end of the last frame it was sent. */
  told: CursorPoint;
  /** What that frame said; undefined before the first one. */
  toldLive: boolean | undefined;
  isEnded: boolean;
}

export interface Groups {
  enter(outlet: LogOutlet, filter: Filter, rights: Rights, told: CursorPoint): Reader;
  leave(reader: Reader): void;
  all(): Iterable<Group>;
}

/** A group is there while it has readers; `head` is where one begins. */
export function createGroups(head: () => CursorPoint): Groups {
  const groups = new Map<string, Group>();
  let made = 0;

  const open = (key: string, filter: Filter, rights: Rights): Group => {
    const group: Group = {
      id: `sub_${++made}`,
      key,
      filter: createEventFilter(filter, rights),
      readers: new Set(),
      live: new Set(),
      head: head(),
      fresh: [],
      freshBytes: 0,
      gathering: undefined,
      toldAt: 0,
      behind: new Map(),
    };
    groups.set(key, group);
    return group;
  };

  return {
    enter(outlet, filter, rights, told) {
      const key = filterKey(filter, rights);
      const group = groups.get(key) ?? open(key, filter, rights);
      const { token } = rights;
      const reader = { outlet, group, token, told, toldLive: undefined, isEnded: false };
      group.readers.add(reader);
      return reader;
    },
    leave(reader) {
      const { group } = reader;
      reader.isEnded = true;
      group.live.delete(reader);
      group.readers.delete(reader);
      if (group.readers.size === 0) groups.delete(group.key);
    },
    all: () => groups.values(),
  };
}
