// Server-sent events: the log over plain HTTP, resumed exactly, paced, and ended with its rights.
import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { hashSecret } from '../../broker/core/tokens/secret.js';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import type { GatewayConfig } from '../../broker/gateway/server.js';
import { limits } from '../../schemas/limits.js';
import { type EventReader, type Listening, listen, refusedTo } from '../dsl/event-stream.js';
import { house, OPERATOR_TOKEN } from '../dsl/gateway-house.js';
import { FakeLogDoor } from './fake-log-door.js';

const OPS_SECRET = 'a secret for the circle ops 0123456789'.replaceAll(' ', '-');
const PER_COMMIT = limits.commit_positions;

async function open(t: Test, more: Partial<GatewayConfig> = {}) {
  const door = new FakeLogDoor();
  const fanout = createFanout(door);
  t.teardown(() => fanout.close());
  const { gateway } = await house(t, { door, fanout, ...more });
  const { url } = gateway;
  const to = (query = '', rest: Partial<Listening> = {}): Promise<EventReader> =>
    listen(t, { url, credential: OPERATOR_TOKEN, query, ...rest });
  const refused = (query: string, rest: Partial<Listening> = {}) =>
    refusedTo({ url, credential: OPERATOR_TOKEN, query, ...rest });
  return { door, fanout, gateway, url, to, refused };
}

function opsToken(door: FakeLogDoor, more: object = {}): string {
  const secret_hash = hashSecret(OPS_SECRET);
  const data = { name: 'ops', circles: ['ops'], roles: [], verbs: ['observe' as const] };
  const event = door.event('token.created', { ...data, secret_hash, circle: '*', ...more });
  door.commit(event);
  return `token_${event.id}`;
}

const many = (door: FakeLogDoor, texts: readonly string[], circle = 'default') =>
  door.commit(
    ...texts.map(text =>
      door.event('message.broadcast', { message: `msg_${door.uuid()}`, text, circle }),
    ),
  );

t.test('every record is one event: its type, itself as JSON, and the cursor behind it', async t => {
  const { door, to } = await open(t);
  many(door, ['one', 'two\nlines \u2028']);
  door.commit(door.event('message.retracted', { message: `msg_${door.uuid()}` }));
  const ann = await to('from=start');
  t.equal(ann.status, 200);
  t.equal(ann.headers['content-type'], 'text/event-stream');
  await ann.until(() => ann.events.length === 5);
  t.strictSame(ann.asides, [`retry: ${limits.event_retry_ms}`]);
  t.strictSame(ann.positions, [4096, 4097, 8192, 8193, 12288]);
  t.equal(ann.events[3]?.type, 'message.broadcast');
  t.match(ann.records[3], [8193, door.time, { text: 'two\nlines \u2028' }]);
  t.equal(ann.records[4]?.[3], 'message_unknown');
  many(door, ['three']);
  await ann.until(() => ann.events.length === 6);
  const ids = ann.events.map(({ id }) => id);
  for (let n = 0; n < ids.length; n++) {
    const ben = await to('from=start', { last: ids[n]! });
    many(door, ['end']);
    await ben.until(() => ben.records.at(-1)?.[0] === door.fold.sequence * PER_COMMIT);
    t.strictSame(ben.positions.slice(0, ids.length - n - 1), ann.positions.slice(n + 1, 6));
    ben.hangUp();
  }
});

t.test('it begins now unless told otherwise, at a place or behind the last event', async t => {
  const { door, to } = await open(t);
  many(door, ['old']);
  const first = async (query: string) => {
    const reader = await to(query);
    door.time += 1_000;
    many(door, ['new']);
    await reader.until(() => reader.events.length > 0);
    reader.hangUp();
    return reader.positions[0];
  };
  t.equal(await first(''), 3 * PER_COMMIT);
  t.equal(await first('position=8192'), 8192);
  t.equal(await first(`time=${door.time}`), 4 * PER_COMMIT);
  t.equal(await first(`time=${encodeURIComponent(new Date(door.time).toISOString())}`), 20480);
});

t.test('filters stand in the query, comma-separated or repeated', async t => {
  const { door, to } = await open(t);
  many(door, ['a'], 'ops');
  many(door, ['b'], 'web');
  many(door, ['c'], 'db');
  const texts = async (query: string, count: number) => {
    const reader = await to(`from=start&${query}`);
    await reader.until(() => reader.events.length >= count);
    reader.hangUp();
    return reader.records.map(([, , event]) => (event as { text?: string }).text);
  };
  t.strictSame(await texts('circles=ops,db', 2), ['a', 'c']);
  t.strictSame(await texts('circles=ops&circles=web&kinds=message', 2), ['a', 'b']);
  t.strictSame(await texts('types=message.broadcast', 3), ['a', 'b', 'c']);
});

t.test('a reader whose filter lets nothing through is moved on by ids alone', async t => {
  const { door, to } = await open(t);
  const ann = await to('from=start&circles=nowhere');
  await ann.until(() => ann.last !== '');
  t.strictSame(ann.events, []);
  const { last } = ann;
  door.time += limits.advance_every_ms;
  many(door, ['x']);
  await ann.until(() => ann.last !== last);
  t.strictSame(ann.events, []);
});

t.test('what cannot be is refused by status and name, before anything is streamed', async t => {
  const { door, refused, url } = await open(t);
  many(door, ['x']);
  const { sequence, digest } = door.fold;
  const check = Buffer.from(digest).toString('hex').slice(0, 12);
  const last = (cursor: string) => refused('', { last: cursor });
  t.strictSame(await last(`log_2.${sequence}.${check}`), say(409, 'cursor_foreign'));
  t.strictSame(await last(`log_1.1.${check}`), say(409, 'cursor_diverged'));
  t.strictSame(await last(`log_1.99.${check}`), say(409, 'cursor_ahead'));
  t.strictSame(await last('42'), say(400, 'invalid'));
  for (const query of [
    'from=yesterday',
    'from=start&from=now',
    'from=start&time=2026-01-01',
    'position=-1',
    'position=1e3',
    'time=soon',
    'circle=ops',
    'circles=',
    `kinds=${'x,'.repeat(300)}`,
  ]) {
    t.strictSame(await refused(query), say(400, 'invalid'), query.slice(0, 30));
  }
  t.strictSame(await refused('', { credential: 'wrong' }), say(401, 'unauthorized'));
  t.strictSame(
    await refused('', { headers: { origin: 'http://evil.example' } }),
    say(403, 'forbidden'),
  );
  opsToken(door, { verbs: ['speak'] });
  t.strictSame(await refused('', { credential: OPS_SECRET }), say(403, 'forbidden'));
  door.isAway = true;
  t.strictSame(await refused('position=999999'), say(503, 'unavailable'));
  const posted = await fetch(`${url}/events`, { method: 'POST' });
  t.equal(posted.headers.get('allow'), 'GET, HEAD');
});

const say = (status: number, refusal: string) => ({ status, refusal });

t.test('HEAD is answered as GET would be, and streams nothing', async t => {
  const { door, fanout, to } = await open(t);
  const ann = await to('from=start', { method: 'HEAD' });
  await ann.ended();
  t.equal(ann.status, 200);
  t.equal(ann.headers['content-type'], 'text/event-stream');
  t.strictSame(ann.events, []);
  t.equal((await to('from=yesterday', { method: 'HEAD' })).status, 400);
  many(door, ['x']);
  t.equal(fanout.stats().subscriptions, 0);
});

t.test('a token bound to a circle is told of no other, and told why when it ends', async t => {
  const { door, fanout, to } = await open(t);
  const revoked = opsToken(door);
  const ann = await to('from=start', { credential: OPS_SECRET });
  many(door, ['hidden'], 'web');
  many(door, ['shown'], 'ops');
  await ann.until(() => ann.events.length > 0);
  t.match(ann.records[0]?.[2], { text: 'shown' });
  door.commit(door.event('token.revoked', { revoked, circle: '*' }));
  many(door, ['later'], 'ops');
  await ann.ended();
  t.equal(ann.events.length, 2);
  t.match(ann.events[1], { type: 'end' });
  t.match(JSON.parse(ann.events[1]?.data ?? ''), { refusal: 'unauthorized' });
  t.equal(fanout.stats().subscriptions, 0);
});

t.test('a token that expires ends its streams without a word of the log', async t => {
  const { door, to } = await open(t);
  opsToken(door, { expires_at: door.time + 5_000 });
  const ann = await to('', { credential: OPS_SECRET });
  door.time += 6_000;
  await ann.ended();
  t.match(ann.events, [{ type: 'end' }]);
});

t.test('a stalled reader is not read for, and later gets every record once', async t => {
  const { door, fanout, to } = await open(t);
  const [ann, ben] = [await to('from=now'), await to('from=now')];
  ann.pause();
  const total = 200;
  for (let n = 0; n < total; n++) {
    door.note('x'.repeat(100_000));
    await ben.until(() => ben.events.length === n + 1);
  }
  t.ok(ann.events.length < total, `${ann.events.length}`);
  ann.resume();
  await ann.until(() => ann.events.length === total);
  t.strictSame(ann.positions, ben.positions);
  t.equal(fanout.stats().subscriptions, 2);
});

t.test('who hangs up, whenever it does, leaves nothing behind', async t => {
  const { door, fanout, url, to } = await open(t);
  for (let n = 0; n < 50; n++) door.note('x'.repeat(10_000));
  const head = `GET /events?from=start HTTP/1.1\r\nHost: ${url.slice(7)}\r\n`;
  for (let n = 0; n < 60; n++) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`${head}Authorization: Bearer ${OPERATOR_TOKEN}\r\n\r\n`);
    if (n % 3 > 0) await once(socket, n % 3 === 1 ? 'connect' : 'data');
    socket.destroy();
  }
  const ann = await to('from=start');
  await ann.until(() => ann.events.length === 52);
  while (fanout.stats().subscriptions > 1) await new Promise(resolve => setImmediate(resolve));
  ann.hangUp();
  while (fanout.stats().subscriptions > 0) await new Promise(resolve => setImmediate(resolve));
  t.equal(door.openReplays, 0);
});

t.test('an old client is served without chunks, and a second stream behind it is not', async t => {
  const { door, url, fanout } = await open(t);
  const { port } = new URL(url);
  const get = (version: string) =>
    `GET /events HTTP/${version}\r\nHost: 127.0.0.1:${port}\r\n` +
    `Authorization: Bearer ${OPERATOR_TOKEN}\r\n\r\n`;
  const said = async (text: string, count: number) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.setEncoding('utf8').write(text);
    t.teardown(() => socket.destroy());
    let heard = '';
    socket.on('data', part => {
      heard += part;
    });
    while (!heard.includes('retry:')) await once(socket, 'data');
    t.equal(fanout.stats().subscriptions, count, 'one stream a connection');
    many(door, ['news']);
    while (!heard.includes('news')) await once(socket, 'data');
    return heard;
  };
  t.notMatch(await said(get('1.0'), 1), /transfer-encoding/i);
  t.match(await said(get('1.1').repeat(3), 2), /connection: close/i);
});

t.test('a quiet stream bears comments, and is told when the broker goes', async t => {
  const { gateway, to } = await open(t, { deadlines: { ping_every_ms: 20 } });
  const ann = await to('');
  await ann.until(() => ann.asides.filter(aside => aside.startsWith(':')).length > 2);
  await Promise.all([gateway.close(), ann.ended()]);
  t.match(JSON.parse(ann.events.at(-1)?.data ?? ''), { refusal: 'unavailable' });
});
