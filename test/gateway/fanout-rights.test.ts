// Fan-out and what may be seen: filters, rights, and where an observer may begin.
import t from 'tap';
import { formatCursor } from '../../broker/core/cursor.js';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import { pack } from '../../schemas/codec.js';
import type { Filter } from '../../schemas/log.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet, turn, until } from './fake-outlet.js';

/** Two peers, an ask and its close, each in a commit of its own. */
function world() {
  const door = new FakeLogDoor();
  const api = door.join('api');
  const web = door.join('web', { circle: 'front' });
  const ask = `ask_${door.uuid()}`;
  door.commit(door.event('ask.opened', { ask, to: api, text: 'may I?', by: web }));
  door.note('in front', 'front');
  door.commit(door.event('ask.closed', { ask, outcome: 'replied', by: api }));
  return { door, api, web, ask };
}

/** The types an observer of the whole history sees: from the log, the ring, and as they come. */
async function seen(door: FakeLogDoor, filter: Filter, token = 'operator') {
  const outlet = new FakeOutlet({ token });
  const fanout = createFanout(door);
  await fanout.observe(outlet, { from: 'start', filter });
  await until(() => outlet.isLive);
  fanout.close();
  return outlet.records.map(([, , event]) => event?.type ?? null);
}

t.test('a filter is OR within a list and AND between lists', async t => {
  const { door, api, web, ask } = world();
  t.strictSame(await seen(door, { kinds: ['ask'] }), ['ask.opened', 'ask.closed']);
  t.strictSame(await seen(door, { types: ['ask.closed', 'log.opened'] }), [
    'log.opened',
    'ask.closed',
  ]);
  t.strictSame(await seen(door, { kinds: ['ask', 'message'], circles: ['front'] }), [
    'message.broadcast',
  ]);
  t.strictSame(await seen(door, { kinds: ['asks'] }), [], 'a kind is no prefix');
  t.strictSame(await seen(door, { refs: [ask] }), ['ask.opened', 'ask.closed']);
  t.strictSame(await seen(door, { peers: [web] }), ['peer.joined', 'ask.opened']);
  t.strictSame(await seen(door, { peers: [api], refs: [ask] }), ['ask.opened', 'ask.closed']);
  t.strictSame(await seen(door, { peers: [api], kinds: ['peer'] }), ['peer.joined']);
});

t.test('a filter lets the same through live as in replay', async t => {
  const door = new FakeLogDoor();
  const fanout = createFanout(door);
  const outlet = new FakeOutlet();
  const api = door.join('api');
  await fanout.observe(outlet, { from: 'now', filter: { peers: [api] } });
  const web = door.join('web');
  const ask = `ask_${door.uuid()}`;
  door.commit(door.event('ask.opened', { ask, to: api, text: '?', by: web }));
  door.commit(door.event('ask.closed', { ask, outcome: 'replied', by: api }));
  await until(() => outlet.records.length === 2);
  t.strictSame(outlet.texts, ['?', 'ask.closed']);
});

t.test(
  '20: a bound token sees its circles only, live and in replay, whatever it filters',
  async t => {
    const { door } = world();
    const token = door.token('front');
    t.strictSame(await seen(door, {}, token), ['peer.joined', 'message.broadcast']);
    t.strictSame(await seen(door, { circles: ['default', '*'] }, token), []);
    const fanout = createFanout(door);
    const [ann, ben] = [new FakeOutlet({ token }), new FakeOutlet()];
    await fanout.observe(ann, { from: 'now' });
    await fanout.observe(ben, { from: 'now' });
    await until(() => ann.isLive && ben.isLive);
    door.note('secret');
    door.note('shared', 'front');
    door.token('front');
    const both = door.event('message.broadcast', { message: `msg_${door.uuid()}`, text: 'both' });
    door.append([{ type: both.type, circles: ['front', 'default'], bytes: pack(both) }]);
    door.append([{ type: both.type, circles: [], bytes: pack({ ...both, id: door.uuid() }) }]);
    await until(() => ben.records.length === 5);
    await turn();
    t.strictSame(ann.texts, ['shared'], 'nor what touches another circle too, or none');
  },
);

t.test('tokens with the same circles share a subscription, others do not', async t => {
  const door = new FakeLogDoor();
  const tokens = [door.token('a', 'b'), door.token('b', 'a'), door.token('a')];
  const fanout = createFanout(door);
  const answers = await Promise.all(
    [...tokens, 'operator'].map(token =>
      fanout.observe(new FakeOutlet({ token }), { from: 'now' }),
    ),
  );
  t.strictSame(answers[0], answers[1]);
  t.equal(new Set(answers.map(answer => JSON.stringify(answer))).size, 3);
});

for (const encoding of ['json', 'msgpack'] as const) {
  t.test(`malformed records are null (${encoding}), and only for unbound tokens`, async t => {
    const door = new FakeLogDoor();
    const token = door.token('default');
    const spoil = () => {
      const data = { ask: 'ask_1', to: 'x', text: '' };
      const { token: _, ...unsigned } = door.event('ask.opened', data);
      const garbage = [Uint8Array.of(0xc1), new Uint8Array(0), pack(unsigned)];
      door.append(garbage.map(bytes => ({ type: 'ask.opened', circles: ['default'], bytes })));
    };
    spoil();
    const [ann, eve] = [new FakeOutlet({ token: 'operator' }, encoding), new FakeOutlet({ token })];
    const fanout = createFanout(door);
    for (const outlet of [ann, eve]) {
      await fanout.observe(outlet, { from: 'start', filter: { kinds: ['ask'] } });
      await until(() => outlet.isLive);
    }
    spoil();
    await until(() => ann.records.length === 6);
    const ends = ann.records.map(([, , ...end]) => end);
    t.strictSame(ends, Array(6).fill([null, 'malformed']));
    t.strictSame(eve.records, []);
  });
}

t.test('a token that ends takes its subscriptions with it, without another word', async t => {
  const door = new FakeLogDoor();
  const [revoked, expired] = [door.token('default'), door.token('default')];
  const row = door.table.tokens.rows.get(expired)!;
  door.table.tokens.put({ ...row, expires_at: door.time + 1_000 });
  const fanout = createFanout(door);
  const [ann, eve, ben] = [revoked, expired, 'operator'].map(token => new FakeOutlet({ token }));
  for (const outlet of [ann!, eve!, ben!]) {
    await fanout.observe(outlet, { from: 'now' });
    await until(() => outlet.isLive);
  }
  door.commit(door.event('token.revoked', { revoked, circle: '*' }));
  door.note('for eve');
  await until(() => ben!.records.length === 2);
  t.strictSame(ann!.records, []);
  t.strictSame(eve!.texts, ['for eve']);
  t.equal(fanout.stats().subscriptions, 2);
  t.match(await fanout.observe(ann!, { from: 'now' }), { refusal: 'unauthorized' });
  door.time += 1_000;
  door.note('for nobody but ben');
  await until(() => ben!.records.length === 3);
  t.strictSame(eve!.texts, ['for eve']);
  t.equal(fanout.stats().subscriptions, 1);
});

t.test('a token that ends while its reader is behind shows it no more', async t => {
  const door = new FakeLogDoor();
  const token = door.token('default');
  for (let i = 0; i < 10; i++) door.note(`${i} ${'x'.repeat(60_000)}`);
  const fanout = createFanout(door);
  const ann = new FakeOutlet({ token });
  ann.room = 1;
  await fanout.observe(ann, { from: 'start' });
  await until(() => ann.isFull);
  door.commit(door.event('token.revoked', { revoked: token, circle: '*' }));
  ann.drain();
  await until(() => fanout.stats().subscriptions === 0);
  t.equal(ann.frames.length, 1);
});

t.test(
  '17: a cursor of another log, another history or the future is refused by its name',
  async t => {
    const door = new FakeLogDoor();
    for (let i = 0; i < 5; i++) door.note('old');
    const fanout = createFanout(door);
    for (let i = 0; i < 5; i++) door.note('new');
    const digest = (sequence: number) => door.commits[sequence - 1]?.digest ?? new Uint8Array(32);
    const from = (log: string, sequence: number, bytes = digest(sequence)) =>
      fanout.observe(new FakeOutlet(), { from: formatCursor(log, sequence, bytes) });
    const other = new Uint8Array(32).fill(7);
    t.match(await from('log_2', 3), { refusal: 'cursor_foreign' });
    t.match(await from('log_1', 3, other), { refusal: 'cursor_diverged' }, 'in the log');
    t.match(await from('log_1', 8, other), { refusal: 'cursor_diverged' }, 'in the ring');
    t.match(await from('log_1', 0, other), { refusal: 'cursor_diverged' }, 'at the start');
    t.match(await from('log_1', 12), { refusal: 'cursor_ahead' });
    for (const sequence of [0, 1, 3, 6, 8, 11]) {
      t.match(await from('log_1', sequence), { subscription: /^sub_/ }, `at ${sequence}`);
    }
    const junk = await fanout.observe(new FakeOutlet(), { from: 'yesterday' });
    t.match(junk, { refusal: 'invalid', message: /"start"/ });
  },
);

t.test('a cursor that is only ahead of this broker waits for it to catch up', async t => {
  const door = new FakeLogDoor();
  const fanout = createFanout(door);
  const ahead = new FakeLogDoor();
  const { sequence, digest } = ahead.note('from elsewhere');
  door.caughtUp = async () => {
    door.append([
      {
        type: 'message.broadcast',
        circles: ['default'],
        bytes: ahead.commits[1]!.records[0]!.bytes,
      },
    ]);
  };
  const answer = await fanout.observe(new FakeOutlet(), {
    from: formatCursor('log_1', sequence, digest),
  });
  t.match(answer, { subscription: /^sub_/ });
});

t.test('while the log cannot be read, a place in it is unavailable', async t => {
  const door = new FakeLogDoor();
  door.note('old');
  const fanout = createFanout(door);
  door.isAway = true;
  const { digest } = door.commits[0]!;
  const from = (sequence: number) =>
    fanout.observe(new FakeOutlet(), { from: formatCursor('log_1', sequence, digest) });
  t.match(await from(1), { refusal: 'unavailable' });
  t.match(await from(9), { refusal: 'unavailable' }, 'also when it may be ahead');
});

t.test('from a time it begins with the first commit not before it', async t => {
  const door = new FakeLogDoor();
  const texts = async (time: number | string) => {
    const outlet = new FakeOutlet();
    await createFanout(door).observe(outlet, { from: { time } });
    await until(() => outlet.isLive);
    return outlet.texts;
  };
  const noon = door.time;
  for (let i = 1; i <= 3; i++) {
    door.time = noon + i * 1_000;
    door.note(`${i}`);
  }
  t.strictSame(await texts(noon + 2_000), ['2', '3']);
  t.strictSame(await texts(new Date(noon + 2_001).toISOString()), ['3']);
  t.strictSame(await texts('1h'), []);
  t.equal((await texts(0)).length, 5);
  const junk = await createFanout(door).observe(new FakeOutlet(), { from: { time: 'soon' } });
  t.match(junk, { refusal: 'invalid' });
});

t.test('a connection that closes while its place is looked up observes nothing', async t => {
  const door = new FakeLogDoor();
  const fanout = createFanout(door);
  const outlet = new FakeOutlet();
  const { digest } = door.commits[0]!;
  const answer = fanout.observe(outlet, { from: formatCursor('log_1', 1, digest) });
  outlet.close();
  t.match(await answer, { refusal: 'unauthorized' });
  t.equal(fanout.stats().subscriptions, 0);
});
