// The events of the mesh itself: its log, and the gateways that serve it.
import { event } from './row.js';

const boot = { boot: 'string' } as const;
const refs = (e: { boot: string }) => [e.boot];

export const meshEvents = {
  // `replaces`: the operator accepted a loss; cursors of the log it names are refused.
  'log.opened': event({
    since: 1,
    by: 'broker',
    fields: { log: 'string', mesh: 'string', level: 'number', replaces: 'string?' },
    refs: e => [e.log],
  }),
  'log.leveled': event({ since: 1, by: 'broker', fields: { level: 'number' } }),
  // What the history was up to a commit, signed by the broker that folded it.
  'log.checkpointed': event({
    since: 3,
    by: 'broker',
    fields: {
      sequence: 'number',
      digest: 'string',
      events: 'number?',
      state: 'string?',
      key: 'string',
      signature: 'string',
    },
  }),
  'gateway.started': event({
    since: 1,
    by: 'broker',
    fields: { gateway: 'string', ...boot },
    refs,
  }),
  'gateway.lost': event({ since: 1, by: 'broker', fields: boot, refs }),
};
