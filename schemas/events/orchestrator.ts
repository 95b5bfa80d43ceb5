// The event of the noun orchestrator: one peer takes over all that is another's.
import { named } from '../uuid.js';
import { event } from './row.js';

export const orchestratorEvents = {
  // `things` are those that its author knew of, so that each is found with it; handed over is all
  // that is there where the event stands.
  'orchestrator.handed_over': event({
    since: 3,
    by: 'speak',
    methods: ['orchestrator.handover'],
    fields: { of: 'string', to: 'string', note: 'string?', force: 'boolean?', things: 'strings?' },
    refs: e => [named('handover', e.id), e.of, ...(e.things ?? [])],
    makes: { handover: e => [named('handover', e.id)] },
  }),
};
