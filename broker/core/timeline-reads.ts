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

/**
 * No index answers: just now, while `why` is absent; else never here, for the reason that it tells
 * in words, with what to do.
 */
export interface NoIndex {
  isElsewhere: true;
  why?: string;
}

export interface SearchRead<Told> extends SearchAsked {
  told(found: Found | NoIndex): Told;
}

/** The records that a filter may let pass in a stretch of positions, `to` exclusive. */
export interface RecordsAsked {
  find: 'records';
  filter: Filter;
  /** Those that the rights cover. */
  circles: readonly string[];
  from: number;
  to: number;
  /** The newest first. */
  isReverse: boolean;
  max: number;
}

/** All that may pass from `from` on and before `to`, in the order asked for. */
export interface FoundRecords {
  records: (ThreadRecord & { type: string; circles: readonly string[] })[];
  from: number;
  to: number;
  /** True when there may be more within what was asked for, and indexed. */
  isCut: boolean;
}

/** Told where nobody knows, the log itself is to be read. */
export interface RecordsRead<Told> extends RecordsAsked {
  told(found: FoundRecords | undefined): Told;
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

/** `told` is given no nodes for a thing that is not known or not seen. */
export interface ThreadRead<Told> extends ThreadAsked {
  told(found: FoundThread | NoIndex): Told;
}
