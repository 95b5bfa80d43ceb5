// The facets of a record: what it is, as terms of an inverted index beside the words of its texts.
import { createHash } from 'node:crypto';
import { peersOf, refsOf } from '../../../../schemas/event.js';
import { limits } from '../../../../schemas/limits.js';
import { readPrUrl } from '../../../../schemas/pr-url.js';
import type { IndexedRecord } from './batch.js';

/** On one that took no effect. */
export const VOID = 'v';

const HEX = /^[0-9a-f]{20}$/;
/** Of a uuid: its time, and the end of what is random in it. */
const [DASH_AT, DASH2_AT, TAIL_AT, END_AT] = [8, 13, 28, 36];
const HASH_DIGITS = 24;
const URLS = /https?:\/\/[^\s<>"'`)\]}]+/g;

/**
 * The term of a thing by its id, whatever its noun: the asks of a fan-out share one, and two things
 * hardly ever do. What is found by it is compared with the event itself.
 */
export function thingTerm(ref: string): string {
  const at = ref.indexOf('_') + 1;
  const isUuid = ref[at + DASH_AT] === '-' && ref[at + DASH2_AT] === '-';
  if (isUuid) {
    const time = ref.slice(at, at + DASH_AT) + ref.slice(at + DASH_AT + 1, at + DASH2_AT);
    const term = time + ref.slice(at + TAIL_AT, at + END_AT);
    if (HEX.test(term)) return term;
  }
  return createHash('sha256').update(ref).digest('hex').slice(0, HASH_DIGITS);
}

/** True for what is a name of its own, not a word that stands for some. */
export function isRef(text: string): boolean {
  const at = text.indexOf('_') + 1;
  return at > 1 && text[at + DASH_AT] === '-' && text[at + DASH2_AT] === '-';
}

/** A record that is about the thing. */
export const aboutTerm = (thing: string) => `u${thing}`;
/** The record that bears its id, and so made it. */
export const ownTerm = (thing: string) => `i${thing}`;
/** A record that came about because of the thing. */
export const causedTerm = (thing: string) => `c${thing}`;
/** A record of which a text names the pull request. */
export const namesTerm = (thing: string) => `n${thing}`;
/** A job with the label. */
export const labelTerm = (label: string) => `k${thingTerm(label)}`;
/** A record of somebody who works on the project. */
export const projectTerm = (id: number) => `j${id.toString(36)}`;
/** A record of the kind. */
export const typeTerm = (id: number) => `t${id.toString(36)}`;
/** A record from the peer or to it. */
export const peerTerm = (id: number) => `p${id.toString(36)}`;
/** The circles an event touches, as one. */
export const circlesTerm = (id: number) => `o${id.toString(36)}`;

/** The circles of an event as one name. */
export function circlesName(circles: readonly string[]): string {
  if (circles.length < 2) return circles[0] ?? '';
  return [...new Set(circles)].sort().join(' ');
}

/** How names become numbers in the database. */
export interface Interning {
  intern(name: string): number;
  internCircles(name: string): number;
}

/** All terms of a record; one that is there twice counts once. */
export function facetsOf(
  { record, event, texts, projects }: IndexedRecord,
  names: Interning,
): string {
  const circles = names.internCircles(circlesName(record.circles));
  let terms = `${typeTerm(names.intern(record.type))} ${circlesTerm(circles)}`;
  if (record.void !== undefined) terms += ` ${VOID}`;
  const peers = peersOf(event);
  for (const [n, peer] of peers.entries()) {
    if (peers.indexOf(peer) === n) terms += ` ${peerTerm(names.intern(peer))}`;
  }
  for (const project of projects) terms += ` ${projectTerm(names.intern(project))}`;
  const own = thingTerm(event.id);
  terms += ` ${ownTerm(own)}`;
  for (const ref of refsOf(event)) {
    const thing = thingTerm(ref);
    if (thing !== own) terms += ` ${aboutTerm(thing)}`;
  }
  const { caused_by, correlation } = event as { caused_by?: string; correlation?: string };
  if (caused_by !== undefined) terms += ` ${causedTerm(thingTerm(caused_by))}`;
  if (correlation !== undefined) {
    terms += ` ${labelTerm(correlation)}`;
    if (isRef(correlation)) terms += ` ${causedTerm(thingTerm(correlation))}`;
  }
  if ('pr_url' in event) return terms;
  for (const url of pullsIn(texts)) terms += ` ${namesTerm(thingTerm(url))}`;
  return terms;
}

/** The pull requests that the texts name, as the reviews spell them. */
export function pullsIn(texts: readonly string[]): string[] {
  const urls = new Set<string>();
  for (const text of texts) {
    if (!text.includes('://')) continue;
    for (const [found] of text.matchAll(URLS)) {
      const url = readPrUrl(found.replace(/[.,;:!?]+$/, ''))?.url;
      if (url !== undefined) urls.add(url);
      if (urls.size === limits.mentions_items) return [...urls];
    }
  }
  return [...urls];
}
