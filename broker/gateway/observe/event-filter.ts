// The event filter of an observer: what its filter and rights let through, decoding no more.
import { peersOf, refsOf, type SignalEvent } from '../../../schemas/event.js';
import type { Filter } from '../../../schemas/log.js';
import type { ByteSpan } from '../../core/commits/commit-bytes.js';
import { decodeEvent } from '../../core/commits/record.js';
import { covers, type Rights } from '../../core/rows/rights.js';

/** A record as ring and replay hold it; the event is there only if somebody decoded it already. */
export interface RingRecord {
  position: number;
  type: string;
  circles: readonly string[];
  bytes: Uint8Array;
  /** The same bytes within their commit, where it is at hand. */
  span?: ByteSpan | undefined;
  void?: string | undefined;
  event?: SignalEvent | undefined;
}

/** A record that was let through, and its event if the filter had to look at it. */
export interface PassedRecord {
  record: RingRecord;
  time: number;
  event?: SignalEvent;
}

export interface FilterInput {
  time: number;
  records: readonly RingRecord[];
}

export type EventFilter = (commits: readonly FilterInput[]) => PassedRecord[];

const lists = ['circles', 'kinds', 'types', 'peers', 'refs'] as const;

/** The same text for filters and rights that let the same records through. */
export function filterKey(filter: Filter, rights: Rights): string {
  const parts = lists.map(list => filter[list] && sorted(filter[list]));
  return JSON.stringify([...parts, isUnbound(rights) ? '*' : sorted(rights.circles)]);
}

/** OR within a list, AND between lists, and never a circle that the rights do not cover. */
export function createEventFilter(filter: Filter, rights: Rights): EventFilter {
  const passes = headTest(filter, rights);
  const looks = eventTest(filter);
  return commits => {
    const lines: PassedRecord[] = [];
    for (const { time, records } of commits) {
      for (const record of records) {
        if (!passes(record)) continue;
        if (!looks) lines.push({ record, time });
        else {
          const event = eventOf(record);
          if (event && looks(event)) lines.push({ record, time, event });
        }
      }
    }
    return lines;
  };
}

/** Bytes that fold to nothing: told as null, and only to those who may see everything. */
export function isMalformed(record: RingRecord): boolean {
  return record.void === 'malformed';
}

/** The record's event; undefined when it is malformed. */
export function eventOf(record: RingRecord): SignalEvent | undefined {
  if (isMalformed(record)) return undefined;
  return record.event ?? decodeEvent(record.bytes, record.type);
}

function headTest(filter: Filter, rights: Rights): (record: RingRecord) => boolean {
  const mayAll = isUnbound(rights);
  const circles = filter.circles && new Set(filter.circles);
  const kinds = filter.kinds && new Set(filter.kinds);
  const types = filter.types && new Set(filter.types);
  return record => {
    if (!mayAll && !maySee(rights, record)) return false;
    if (types && !types.has(record.type)) return false;
    if (kinds && !kinds.has(kindOf(record.type))) return false;
    return !circles || record.circles.some(circle => circles.has(circle));
  };
}

function eventTest(filter: Filter): ((event: SignalEvent) => boolean) | undefined {
  const peers = filter.peers && new Set(filter.peers);
  const refs = filter.refs && new Set(filter.refs);
  if (!peers && !refs) return undefined;
  return event => {
    if (peers && !peersOf(event).some(peer => peers.has(peer))) return false;
    return !refs || refsOf(event).some(ref => refs.has(ref));
  };
}

/** An event that touches two circles is for those who may see both. */
function maySee(rights: Rights, record: RingRecord): boolean {
  if (isMalformed(record) || record.circles.length === 0) return false;
  return record.circles.every(circle => covers(rights, circle));
}

function isUnbound(rights: Rights): boolean {
  return rights.circles.includes('*');
}

function kindOf(type: string): string {
  const dot = type.indexOf('.');
  return dot < 0 ? type : type.slice(0, dot);
}

function sorted(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}
