// The events of the noun usage.
import { event } from './row.js';

export const usageEvents = {
  'usage.budgeted': event({
    since: 2,
    by: 'operate',
    methods: ['usage.budget'],
    fields: { peer: 'string?', tokens_per_day: 'number?', cost_usd_per_day: 'number?' },
  }),
};
