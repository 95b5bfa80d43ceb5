// The reading methods: what each caller sees of peers, asks, tokens and the mesh, and what not.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import {
  api,
  askNo,
  asks,
  db,
  far,
  joins,
  joinsAway,
  orch,
  person,
  tokenNo,
  web,
} from '../dsl/events.js';
import { askOf, choice, fansOut } from '../dsl/events-asks.js';
import { given, later } from '../dsl/given.js';
import { reads, type World } from '../dsl/reads.js';

const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });
const binding = p.makesToken(91, { circles: ['elsewhere'], verbs: ['speak', 'operate'] });
const all = [binding, joins(web), joins(api), joinsAway(db), joins(far), joins(bound)];
/** Long enough ago for db, which has no connection, to be away. */
const everybody = [...all, later(limits.post_presence_ms)];

async function names(world: World, who: p.Person | string, params: object = {}) {
  const { rows } = (await reads(world, who, 'peer.list', params)) as { rows: { name: string }[] };
  return rows.map(({ name }) => name);
}

t.test(
  'an agent sees the online peers of its circle, itself and the offline when asked',
  async t => {
    const world = given(t, ...everybody);
    t.same(await names(world, web), ['api']);
    t.same(await names(world, web, { self: true, offline: true }), ['web', 'api', 'db']);
    t.same(await names(world, web, { circle: 'elsewhere' }), ['far', 'bound']);
  },
);

t.test('services, humans and orchestrators are seen from every circle, and see all', async t => {
  const world = given(t, ...everybody, joins(orch));
  t.same(await names(world, far), ['bound', 'orch']);
  t.same(await names(world, orch), ['web', 'api', 'far', 'bound']);
  t.same(await names(world, OPERATOR), ['web', 'api', 'far', 'bound', 'orch']);
});

t.test('a bound token sees nobody outside its circles by any listing', async t => {
  const world = given(t, ...everybody, joins(orch), asks(1, web, api));
  t.same(await names(world, bound), ['far']);
  t.same(await names(world, tokenNo(91)), ['far', 'bound']);
  t.same(await names(world, tokenNo(91), { circle: '*', offline: true }), ['far', 'bound']);
  t.match(await reads(world, bound, 'peer.list', { circle: 'default' }), {
    refusal: 'circle_forbidden',
  });
  t.match(await reads(world, tokenNo(91), 'ask.list'), { rows: { length: 0 } });
  t.match(await reads(world, bound, 'ask.get', { ask: askNo(1) }), { refusal: 'ask_unknown' });
  t.match(await reads(world, bound, 'message.trace', { ref: askNo(1) }), {
    refusal: 'ask_unknown',
  });
  t.match(await reads(world, bound, 'mesh.info'), { brokers: { length: 0 } });
});

t.test('a bound operator sees only tokens that reach no further than its own', async t => {
  const world = given(
    t,
    ...everybody,
    p.makesToken(92),
    p.makesToken(93, { circles: ['elsewhere'] }),
  );
  const tokens = async (who: string) => {
    const { rows } = (await reads(world, who, 'token.list')) as { rows: { token: string }[] };
    t.ok(
      rows.every(row => !('secret_hash' in row)),
      'no hash is shown',
    );
    return rows.map(({ token }) => token);
  };
  t.same(await tokens(OPERATOR), [91, 92, 93].map(tokenNo));
  t.same(await tokens(tokenNo(91)), [91, 93].map(tokenNo));
});

t.test('nothing is read with a token that was revoked', async t => {
  const world = given(t, ...everybody, p.revokes(91));
  for (const method of ['peer.list', 'ask.list', 'peer.whoami', 'mesh.info'] as const) {
    t.match(await reads(world, bound, method), { refusal: 'unauthorized' }, method);
  }
});

t.test('pages follow one another without gap or repeat', async t => {
  const world = given(t, ...everybody);
  for (let n = 1; n <= 5; n++) world.and(asks(n, web, api));
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await reads(world, web, 'ask.list', { max: 2, ...(after && { after }) });
    const { rows, next } = page as { rows: { ask: string }[]; next?: string };
    seen.push(...rows.map(({ ask }) => ask));
    after = next;
  } while (after !== undefined);
  t.same(seen, [5, 4, 3, 2, 1].map(askNo));
  const first = await reads(world, OPERATOR, 'peer.list', { max: 1, offline: true });
  t.match(first, { rows: [{ name: 'web' }], next: web.peer });
  const rest = await names(world, OPERATOR, { after: web.peer, offline: true });
  t.same(rest, ['api', 'db', 'far', 'bound']);
});

t.test('a peer’s threads are those it asked and those it was asked', async t => {
  const world = given(t, ...everybody, asks(1, web, api), asks(2, api, web), asks(3, api, far));
  world.and(p.closes(web, 2, 'declined'));
  const list = async (who: p.Person, params: object) => {
    const { rows } = (await reads(world, who, 'ask.list', params)) as { rows: { ask: string }[] };
    return rows.map(({ ask }) => ask);
  };
  t.same(await list(web, {}), [2, 1].map(askNo));
  t.same(await list(web, { direction: 'in' }), [askNo(2)]);
  t.same(await list(web, { direction: 'out' }), [askNo(1)]);
  t.same(await list(api, { state: 'open' }), [3, 1].map(askNo));
  t.match(await reads(world, web, 'ask.get', { ask: askNo(3) }), { ask: askNo(3) }, 'by its token');
});

t.test('a thread that fell off the tail is read back from the log', async t => {
  const world = given(t, ...everybody, asks(1, web, api), p.closes(api, 1, 'declined'));
  world.mesh.table.asks.closed.clear();
  world.mesh.table.asks.dropped = 1;
  t.match(await reads(world, web, 'ask.get', { ask: askNo(1) }), { outcome: 'declined' });
  t.match(await reads(world, web, 'ask.list'), { rows: [{ ask: askNo(1) }] });
});

t.test('reminders are the open asks to me, oldest first, seen or not', async t => {
  const world = given(t, ...everybody, asks(1, web, api), asks(2, far, api), asks(3, api, web));
  world.and(p.sees(api, askNo(1)), asks(4, db, api), p.closes(api, 4, 'declined'));
  const { items } = (await reads(world, api, 'inbox.reminders')) as { items: { ref: string }[] };
  t.same(
    items.map(({ ref }) => ref),
    [1, 2].map(askNo),
  );
  t.match(await reads(world, api, 'inbox.reminders', { max: 1 }), { items: { length: 1 } });
});

t.test('a reminder says all that the ask said, and none comes for what is over', async t => {
  const more = {
    question: choice,
    deadline_at: p.T0 + 120_000,
    attachments: [{ name: 'a', path: '/a' }],
  };
  const world = given(t, ...everybody, asks(1, web, api, 'so?', more), asks(2, web, api, 'and?'));
  world.and(fansOut(3, web, [api, db], { deadline_at: p.T0 + 120_000 }));
  const first = { ref: askNo(1), text: 'so?', from_name: 'web', repeated: true, ...more };
  t.match(await reads(world, api, 'inbox.reminders'), {
    items: [first, { ref: askNo(2) }, { ref: askOf(3, 1), deadline_at: p.T0 + 120_000 }],
  });
  world.and(later(60_000));
  const refs = async () => {
    const { items } = (await reads(world, api, 'inbox.reminders')) as { items: { ref: string }[] };
    return items.map(({ ref }) => ref);
  };
  t.same(await refs(), [askNo(2)], 'late, though the log has yet to say so');
  world.and(p.closes(api, 2, 'replied'));
  t.same(await refs(), []);
});

t.test('reminders stay within the room of one answer', async t => {
  const world = given(t, ...everybody);
  const attachments = [{ name: 'a', text: 'x'.repeat(100_000) }];
  for (let n = 0; n < 8; n++) world.and(asks(n, web, api, 'x'.repeat(100_000), { attachments }));
  t.match(await reads(world, api, 'inbox.reminders'), { items: { length: 2 } });
});

t.test(
  'who asks who it is learns its row, rights and generation; a bare token its rights',
  async t => {
    const world = given(t, ...everybody, p.takes(bound));
    t.match(await reads(world, bound, 'peer.whoami'), {
      name: 'bound',
      generation: 1,
      circles: ['elsewhere'],
      verbs: ['speak', 'operate'],
      cursor: 'a-cursor',
    });
    const bare = await reads(world, tokenNo(91), 'peer.whoami');
    t.notOk(bare && 'name' in bare);
  },
);

t.test('attaching needs the peer’s own secret, and a peer that has not left', async t => {
  const world = given(t, ...everybody);
  const attach = (who: p.Person, secret: string) =>
    reads(world, OPERATOR, 'peer.attach', { peer: who.peer, secret });
  t.match(await attach(web, web.secret), { peer: web.peer, name: 'web', generation: 0 });
  t.match(await attach(web, api.secret), { refusal: 'unauthorized' });
  t.match(await attach(person('nobody'), web.secret), { refusal: 'unauthorized' });
  world.and(p.leaves(web));
  t.match(await attach(web, web.secret), { refusal: 'peer_retired' });
});

t.test('a description fades, and a connected peer is seen with its gateway', async t => {
  const said = { description: 'on it', description_until: p.T0 + 60_000 };
  const world = given(t, joins(web, said), joinsAway(api));
  const row = async () => {
    const { rows } = (await reads(world, api, 'peer.list')) as { rows: object[] };
    return rows[0];
  };
  t.match(await row(), { name: 'web', description: 'on it', last_seen: p.T0 });
  world.and(later(60_000));
  const faded = await row();
  t.match(faded, { last_seen: p.T0 + 60_000, queued: 0, status: 'online' });
  t.notOk(faded && 'description' in faded);
});
