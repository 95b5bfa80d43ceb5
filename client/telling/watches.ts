// Watches as sentences: what each waits for, and what it has fired about.
import type { EventOf } from '../../schemas/event.js';
import type { Memory } from './memory.js';
import { did, happened, peer, sent, short, spaced, thing } from './phrases.js';
import type { Telling, TellingPart } from './telling.js';

type Created = EventOf<'watch.created'>;

/** Who is to be told of what. */
export function watchMade(event: Created, memory: Memory): Telling {
  const { by, to, watch } = event;
  const said = ['watch ', short(watch), ': ', ...conditionOf(event, memory)];
  return by === to ? did(by, ['made ', ...said]) : sent(by, peer(to), said);
}

/** What it fired about, as far as the event names it. */
export function watchFired(
  { watch, about, unsaid, id }: EventOf<'watch.fired'>,
  memory: Memory,
): Telling {
  const things = about.flatMap((subject, n): TellingPart[] => [
    n === 0 ? ' about ' : ', ',
    subjectOf(subject, memory),
  ]);
  const what = about[0] === 'whole' ? [] : things;
  const how = unsaid === undefined ? [': ', short(id)] : [`, but told nobody: ${spaced(unsaid)}`];
  return happened(['watch ', short(watch), ' fired', ...what, ...how], unsaid ? 'bad' : 'plain');
}

function subjectOf(subject: string, memory: Memory): TellingPart {
  if (subject.startsWith('peer_')) return peer(subject);
  return thing(subject.startsWith('ask_') ? 'ask' : 'job', subject, memory);
}

function conditionOf(event: Created, memory: Memory): TellingPart[] {
  const { when, peer: one, ask, job, owner, queue, kind, in_circle } = event;
  const parts: TellingPart[] = [when];
  if (queue !== undefined) parts.push(` ${queue}`);
  if (one !== undefined) parts.push(' ', peer(one));
  if (ask !== undefined) parts.push(' ', thing('ask', ask, memory));
  if (job !== undefined) parts.push(' ', thing('job', job, memory));
  if (owner !== undefined) parts.push(' ', peer(owner));
  if (kind !== undefined) parts.push(` of kind ${kind}`);
  if (in_circle !== undefined) parts.push(` in ${in_circle}`);
  parts.push(boundOf(event));
  return parts;
}

function boundOf({ for_s, age_s, depth, percent, tokens, cost_usd }: Created): string {
  if (percent !== undefined) return ` ${percent} %`;
  if (tokens !== undefined) return ` ${tokens} tokens`;
  if (cost_usd !== undefined) return ` $${cost_usd}`;
  const wait = for_s ?? age_s;
  const deep = depth === undefined ? '' : ` ${depth}`;
  return wait === undefined ? deep : `${deep} for ${wait} s`;
}
