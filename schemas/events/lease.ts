// The events of the noun lease: who works on which files of a project, until when, and how it ends.
import { oneOf } from '../shape.js';
import { named } from '../uuid.js';
import { event } from './row.js';

/** Whether others may hold the same files too, if they share them as well. */
export const leaseModes = ['exclusive', 'shared'] as const;
export type LeaseMode = (typeof leaseModes)[number];

/** Why a lease ended by itself: its time was over, or its holder was away for too long. */
export const lapseReasons = ['expired', 'away'] as const;

export const leaseEvents = {
  // The paths are sorted, and none of them lies below another. Those that the same peer held
  // before by themselves belong to this lease from now on.
  'lease.taken': event({
    since: 3,
    by: 'speak',
    methods: ['lease.take'],
    fields: {
      project: 'string',
      paths: 'strings',
      mode: oneOf(leaseModes),
      ttl_s: 'number',
      note: 'string?',
    },
    refs: e => [named('lease', e.id)],
    makes: { lease: e => [named('lease', e.id)] },
  }),
  // A lease as a whole, or what the peer holds of a project at these paths and below them.
  'lease.released': event({
    since: 3,
    by: 'speak',
    methods: ['lease.release'],
    fields: { lease: 'string?', project: 'string?', paths: 'strings?' },
    refs: e => (e.lease === undefined ? [] : [e.lease]),
  }),
  'lease.lapsed': event({
    since: 3,
    by: 'broker',
    timed: true,
    fields: { lease: 'string', peer: 'string', reason: oneOf(lapseReasons) },
    refs: e => [e.lease],
  }),
};
