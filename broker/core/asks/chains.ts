// Loop prevention: what machines say because of each other comes to an end by itself.

import { askIn, named } from '../../../schemas/uuid.js';
import { holdsFrom } from '../levels.js';
import type { Chain } from '../rows/chains.js';
import type { Table } from '../rows/table.js';
import { hopsObjection, repliesObjection } from '../shared/chain-bounds.js';
import type { Objection, View } from '../shared/view.js';

type Links = Partial<Chain>;
type Linked = { event: Links };

export const chainsView = {
  check: {
    'ask.opened': linksObjection,
    'ask.fanned_out': linksObjection,
    'message.notified': linksObjection,
    'message.broadcast': linksObjection,
    'job.created': linksObjection,
    'schedule.created': linksObjection,
    'watch.created': linksObjection,
  },
  apply: {
    'ask.opened': (table, { event }) => note(table, event.ask, event),
    'ask.fanned_out': (table, { event }) => {
      note(table, event.group, event);
      for (const n of event.to.keys()) note(table, askIn(event.group, n), event);
    },
    'message.notified': (table, { event }) => note(table, event.message, event),
    'message.broadcast': (table, { event }) => note(table, event.message, event),
    'job.created': (table, { event }) => note(table, event.job, event),
    'job.due': (table, { event }) => handDown(table, event.job, [named('job', event.id)]),
    'schedule.created': (table, { event }) => note(table, event.schedule, event),
    'schedule.fired': (table, { event }) =>
      handDown(table, event.schedule, [named('msg', event.id), named('ask', event.id)]),
    'watch.created': (table, { event }) => note(table, event.watch, event),
    'watch.fired': (table, { event }) =>
      handDown(table, event.watch, [named('msg', event.id), named('ask', event.id)]),
  },
} satisfies View;

function linksObjection(table: Table, { event }: Linked): Objection {
  if (!holdsFrom(3, table)) return undefined;
  return hopsObjection(event.hops) ?? repliesObjection(event.replies);
}

function note({ chains }: Table, ref: string, { hops = 0, replies = 0 }: Links): void {
  chains.note(ref, { hops, replies });
}

/** What a job or schedule brings about stands where that stood; and that is named again. */
function handDown({ chains }: Table, parent: string, refs: readonly string[]): void {
  for (const ref of [parent, ...refs]) chains.note(ref, chains.of(parent));
}
