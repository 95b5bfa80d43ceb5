// Reads of the timeline as plain data: what a search and a thread are asked, and what is found.
import type { Filter } from '../../schemas/log.js';

/** Words that stand side by side; of a prefix the last one goes on. */
export interface Phrase {
  words: readonly string[];
  isPrefix: boolean;
}

/** One of each list must be there, and none of the others. */
export interface WordsQuery {
  all: readonly (readonly Phrase[])[];
  none: readonly Phrase[];
}

/** A search for words among the records that a filter and rights let pass. */
export interface SearchAsked {
  find: 'search';
  words: WordsQuery;
  filter: Filter;
  /** Those that the rights cover. */
  circles: readonly string[];
  /** Of those who work on it alone. */
  project?: string | undefined;
  /** Log times in ms UTC, the second exclusive. */
  from?: number | undefined;
  to?: number | undefined;
  order: 'newest' | 'best';
  max: number;
  after?: string | undefined;
  /** Whether each hit brings its record. */
  records: boolean;
}

export interface SearchHit {
  position: number;
  /** Log time in ms UTC. */
  time: number;
  /** The thing it is about; else who said it. */
  ref: string;
  type: string;
  by: string;
  circle: string;
  snippet: string;
  marks: [from: number, to: number][];
  void?: string | undefined;
  /** The event's bytes in the log. */
  record?: Uint8Array | undefined;
}

/** A page of hits; `next` is what to give as `after` for what follows. */
export interface Found {
  hits: SearchHit[];
  /** The position up to which the log is indexed. */
  indexed_to: number;
  next?: string | undefined;
}

/** `told` is given nothing when there is no index to ask. */
export interface SearchRead<Told> extends SearchAsked {
  told(found: Found | undefined): Told;
}

/** What came of a thing, and what it came of. */
export interface ThreadAsked {
  find: 'thread';
  ref: string;
  circles: readonly string[];
}

/** A record as the log has it. */
export interface ThreadRecord {
  position: number;
  time: number;
  bytes: Uint8Array;
  void?: string | undefined;
}

/** A thing with what happened to it; the first node is the root, a parent stands before its own. */
export interface ThreadNode {
  ref: string;
  parent?: string | undefined;
  records: ThreadRecord[];
  /** True when it has more records than are told. */
  more?: true;
}

export interface FoundThread {
  nodes: ThreadNode[];
  indexed_to: number;
  /** True when there are more nodes than are told. */
  more?: true;
}

/** `told` is given no nodes for a thing that is not known or not seen; nothing without an index. */
export interface ThreadRead<Told> extends ThreadAsked {
  told(found: FoundThread | undefined): Told;
}
