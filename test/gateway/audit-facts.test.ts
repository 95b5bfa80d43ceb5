// What mesh.audit tells: plain values, which any msgpack library can read.
import { decode } from '@msgpack/msgpack';
import t from 'tap';
import { auditFacts } from '../../broker/gateway/audit/audit-calls.js';
import type { Door } from '../../broker/runtime/door.js';
import { pack } from '../../schemas/codec.js';

t.test('a checkpoint without a hash of the state has none in msgpack either', async t => {
  const checkpoint = { sequence: 1, digest: 'd', events: 2, state: undefined, key: 'k' };
  const facts = () => ({ log: 'log_1', sequence: 1, digest: 'd', key: 'k', checkpoint });
  const told = auditFacts({ audit: { facts } } as unknown as Door);
  const { checkpoint: read } = decode(pack(told)) as { checkpoint: object };
  t.strictSame(read, { sequence: 1, digest: 'd', events: 2, key: 'k' });
});
