// Tries the table of methods as a whole: what every method must have, and what it must refuse.
import t from 'tap';
import { eventOfMethod, eventRow, eventTypes, isProposing } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { isMethod, type MethodName, methodRow, methods } from '../../schemas/method.js';
import { makeUuid, named } from '../../schemas/uuid.js';

const UUID = makeUuid(1_764_000_000_123, new Uint8Array(10));
const names = Object.keys(methods) as MethodName[];
const takes = (name: MethodName, params: object) =>
  methodRow(name).params.safeParse(params).success;

t.test('every method is named noun.verb and explained by a sentence', async t => {
  for (const name of names) {
    t.match(name, /^[a-z]+\.[a-z_]+$/);
    t.match(methodRow(name).help, /^[A-Z].*\.$/, name);
  }
});

t.test('a method is known by its name, and by nothing every object has', async t => {
  for (const name of names) t.ok(isMethod(name), name);
  for (const name of ['constructor', 'toString', '__proto__', '', 'ask.eat'])
    t.notOk(isMethod(name));
});

t.test(
  'every event is a broker’s or proposed by one method; a schedule is made in three ways',
  async t => {
    for (const type of eventTypes) {
      const { by, methods: proposers = [] } = eventRow(type);
      const count = by === 'broker' ? 0 : type === 'schedule.created' ? 3 : 1;
      t.equal(proposers.length, count, type);
      for (const name of proposers)
        t.ok(isMethod(name) && isProposing(name) && eventOfMethod(name) === type, name);
    }
  },
);

t.test('a method that proposes takes an id, needs a verb and answers with a verdict', async t => {
  for (const name of names) {
    if (!isProposing(name)) continue;
    const { params, result, verb } = methodRow(name);
    t.equal(verb, eventRow(eventOfMethod(name)).by, `${name} needs what its event needs`);
    t.match((params as { shape?: object }).shape, { id: Object }, name);
    t.match((result as { shape?: object }).shape, { position: Object, verdict: Object }, name);
  }
});

t.test('a method that only reads takes no id', async t => {
  for (const name of names) {
    if (isProposing(name)) continue;
    t.notMatch((methodRow(name).params as { shape?: object }).shape, { id: Object }, name);
  }
});

const given: Partial<Record<MethodName, object>> = {
  'peer.join': { id: UUID, name: 'web' },
  'peer.attach': { peer: named('peer', UUID), secret: 'x'.repeat(32) },
  'peer.leave': {},
  'peer.rename': { id: UUID, name: 'api' },
  'peer.describe': { id: UUID, text: 'reviewing' },
  'peer.turn': { id: UUID, state: 'idle' },
  'peer.kill': { id: UUID, peer: named('peer', UUID) },
  'peer.whoami': {},
  'peer.list': {},
  'peer.get': { peers: ['peer_of-nobody'] },
  'ask.open': { id: UUID, to: 'api', text: 'may I merge?' },
  'ask.close': { id: UUID, ask: named('ask', UUID), outcome: 'replied', text: 'yes' },
  'ask.wait': { ask: named('ask', UUID) },
  'ask.get': { ask: named('ask', UUID) },
  'ask.list': {},
  'notify.send': { id: UUID, to: 'api', text: 'merged' },
  'broadcast.send': { id: UUID, text: 'merged' },
  'message.retract': { id: UUID, message: named('msg', UUID) },
  'message.trace': { ref: named('msg', UUID) },
  'inbox.subscribe': {},
  'inbox.read': {},
  'inbox.ack': { id: UUID, up_to: 4096 },
  'inbox.drain': { id: UUID, session: 's1' },
  'inbox.reminders': {},
  'token.create': { id: UUID, name: 'ci', circles: ['*'], roles: ['agent'], verbs: ['speak'] },
  'token.list': {},
  'token.revoke': { id: UUID, token: named('token', UUID) },
  'log.observe': { from: 'now' },
  'log.read': { from: 'start', max: 10, reverse: true },
  'log.unobserve': { subscription: 'sub_1' },
  'view.watch': { view: 'jobs', from: 'a cursor', fields: ['state'], snapshot: true },
  'view.unwatch': { subscription: 'view_1' },
  'log.verify': { from: 0, to: 9, key: '0'.repeat(64) },
  'log.export': { from: { time: '1h' }, format: 'cloudevents', redact: ['text'] },
  'mesh.audit': {},
  'mesh.info': {},
  'view.at': { view: 'peers', position: 4_096 },
  'session.offer': {},
  'session.start': { code: 'x'.repeat(32) },
};

for (const [name, params] of Object.entries(given) as [MethodName, object][]) {
  t.test(`${name} takes what it needs, and refuses anything it does not know`, async t => {
    t.ok(takes(name, params));
    t.notOk(takes(name, { ...params, by: 'peer_other' }), 'an author of its own');
    t.notOk(takes(name, { ...params, surprise: 1 }));
    for (const key of Object.keys(params)) {
      t.notOk(takes(name, { ...params, [key]: { $gt: '' } }), `${key} as an object`);
    }
  });
}

t.test('defaults are filled in', async t => {
  const join = methods['peer.join'].params.parse({ id: UUID, name: 'web' });
  t.match(join, { circle: 'default', role: 'agent' });
  t.match(methods['ask.list'].params.parse({}), { direction: 'both', max: 100 });
  t.match(methods['inbox.read'].params.parse({}), { max: 20, wait_s: 0, claim_s: 30 });
  t.match(methods['peer.describe'].params.parse({ id: UUID, text: 'x' }), { ttl_s: 900 });
});

t.test('an acknowledgement is by position or by refs, not both and not neither', async t => {
  t.ok(takes('inbox.ack', { id: UUID, refs: [named('ask', UUID)] }));
  t.notOk(takes('inbox.ack', { id: UUID }));
  t.notOk(takes('inbox.ack', { id: UUID, up_to: 1, refs: [named('ask', UUID)] }));
});

t.test('waits and pages have bounds', async t => {
  t.notOk(takes('ask.wait', { ask: named('ask', UUID), timeout_s: limits.wait_s + 1 }));
  t.notOk(takes('inbox.read', { max: 0 }));
  t.notOk(takes('peer.list', { max: limits.list_items + 1 }));
});
