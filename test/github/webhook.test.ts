// Deliveries to a gateway over HTTP: who is believed, what is noted, and what the rest is told.
import t, { type Test } from 'tap';
import type { Noted } from '../../broker/github/deliveries.js';
import type { PullObservation } from '../../broker/github/facts.js';
import { limits } from '../../schemas/limits.js';
import { restPull, SHA, type Signing, signatureOf, signedDelivery } from '../dsl/fake-github.js';
import { dial, hear, house, raw } from '../dsl/gateway-house.js';

const SECRET = 'it is a secret to everybody';
const DELIVERY = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const action = 'synchronize';
const payload = {
  action,
  pull_request: restPull({ repo: 'Acme/App', number: 7, title: 'Let trains pass' }),
};
const signed = (more: Partial<Signing> = {}) =>
  signedDelivery({ secret: SECRET, delivery: DELIVERY, payload, ...more });

async function listening(t: Test, secret = SECRET) {
  const noted: [PullObservation, string][] = [];
  const desk = { answer: (): Promise<Noted> | undefined => Promise.resolve('noted') };
  const webhook = {
    secret,
    offer(observation: PullObservation, delivery: string) {
      noted.push([observation, delivery]);
      return desk.answer();
    },
  };
  const visited = await house(t, { webhook });
  const url = `${visited.gateway.url}/webhooks/github`;
  const deliver = (delivery = signed()) => fetch(url, delivery);
  return { ...visited, url, noted, desk, deliver };
}

t.test('a signed delivery is noted once with what it tells', async t => {
  const { deliver, noted } = await listening(t);
  const answer = await deliver();
  t.equal(answer.status, 202);
  const pr_url = 'https://github.com/acme/app/pull/7';
  t.same(await answer.json(), { outcome: 'noted', pr_url });
  const updated_at = Date.UTC(2026, 0, 5, 9);
  const said = { pr_url, state: 'open', head_sha: SHA, title: 'Let trains pass', action };
  t.same(noted, [[{ ...said, updated_at }, DELIVERY]]);
});

t.test('a delivery as a form is as good, signed over its raw body', async t => {
  const { deliver, noted } = await listening(t);
  t.equal((await deliver(signed({ asForm: true }))).status, 202);
  t.match(noted, [[{ title: 'Let trains pass' }, DELIVERY]]);
});

t.test('a repeat is answered 200, and a log that is away 503 with when to come back', async t => {
  const { deliver, desk } = await listening(t);
  desk.answer = async (): Promise<Noted> => 'repeated';
  t.equal((await deliver()).status, 200);
  desk.answer = async (): Promise<Noted> => 'unavailable';
  const away = await deliver();
  t.equal(away.status, 503);
  t.equal(away.headers.get('retry-after'), `${limits.unavailable_retry_s}`);
  t.match(await away.json(), { error: { data: { refusal: 'unavailable', retry: true } } });
});

t.test('who cannot sign is answered 401, whatever was sent', async t => {
  const { deliver, noted, url } = await listening(t);
  const right = signed();
  for (const signature of [
    undefined,
    '',
    'sha256=',
    signatureOf(right.body, 'another secret'),
    signatureOf(right.body, ''),
    signatureOf(`${right.body} `, SECRET),
    signatureOf(right.body, SECRET).replace('sha256', 'sha1'),
    signatureOf(right.body, SECRET).toUpperCase(),
    signatureOf(right.body, SECRET).slice(0, -1),
  ]) {
    const { 'X-Hub-Signature-256': _, ...headers } = right.headers;
    if (signature !== undefined) headers['X-Hub-Signature-256'] = signature;
    const answer = await deliver({ ...right, headers: headers as typeof right.headers });
    t.equal(answer.status, 401, `${signature}`);
  }
  t.equal((await fetch(url, { method: 'POST' })).status, 401, 'nothing at all');
  t.same(noted, []);
});

t.test('an empty secret lets nobody in', async t => {
  const { deliver } = await listening(t, '');
  t.equal((await deliver(signed({ secret: '' }))).status, 401);
});

t.test('a ping and other events are fine, and nothing is noted', async t => {
  const { deliver, noted } = await listening(t);
  t.equal((await deliver(signed({ event: 'ping', payload: { zen: 'x' } }))).status, 204);
  t.equal((await deliver(signed({ event: 'push' }))).status, 204);
  t.equal((await deliver(signed({ event: 'pull_request_review' }))).status, 204);
  t.same(noted, []);
});

t.test('what is signed but cannot be read is answered 400', async t => {
  const { deliver, noted } = await listening(t);
  const odd: Partial<Signing>[] = [
    { payload: '{' },
    { payload: '' },
    { payload: '', asForm: true },
    { payload: 'null' },
    { payload: '[]' },
    { payload: { action: 'opened' } },
    { payload: { pull_request: { ...payload.pull_request, head: {} } } },
    { delivery: '' },
    { delivery: 'with a space' },
    { delivery: 'x'.repeat(limits.webhook_delivery_chars + 1) },
  ];
  for (const each of odd) t.equal((await deliver(signed(each))).status, 400, JSON.stringify(each));
  const { 'X-GitHub-Event': _, ...headers } = signed().headers;
  t.equal((await deliver({ ...signed(), headers } as ReturnType<typeof signed>)).status, 400);
  t.same(noted, []);
});

t.test('other content types are answered 415', async t => {
  const { deliver } = await listening(t);
  const right = signed();
  for (const type of ['text/plain', 'application/msgpack', 'multipart/form-data']) {
    const headers = { ...right.headers, 'Content-Type': type };
    t.equal((await deliver({ ...right, headers })).status, 415, type);
  }
  const headers = { ...right.headers, 'Content-Type': 'Application/JSON; charset=utf-8' };
  t.equal((await deliver({ ...right, headers })).status, 202);
});

t.test('a body over the bound is answered 413, said or not', async t => {
  const { gateway } = await listening(t);
  const signature = `X-Hub-Signature-256: ${signatureOf('', 'a guess')}`;
  const head = `POST /webhooks/github HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\n${signature}`;
  t.match(await raw(gateway.port, `${head}\r\nContent-Length: 2000000\r\n\r\n`), /^HTTP\/1.1 413/);
  const chunk = `80000\r\n${' '.repeat(0x80000)}\r\n`;
  const chunked = `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}1\r\n \r\n`;
  t.match(await raw(gateway.port, chunked), /^HTTP\/1.1 413/);
});

/** A body that was begun; what the other side said is in `heard` once it has hung up. */
async function begun(port: number, length: number, sent = '') {
  const socket = await dial(port);
  const heard = hear(socket);
  const lines = [
    'POST /webhooks/github HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `X-Hub-Signature-256: ${signatureOf('', 'a guess')}`,
    `Content-Length: ${length}`,
    'Expect: 100-continue',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  // Told to go on, it knows that its body is being read.
  await new Promise(resolve => socket.once('data', resolve));
  socket.write(sent);
  return { socket, heard };
}

t.test('however many send slowly, a delivery is taken', async t => {
  const { gateway, deliver } = await listening(t);
  const slow = await Promise.all(Array.from({ length: 500 }, () => begun(gateway.port, 9)));
  t.equal((await deliver()).status, 202);
  for (const { socket } of slow) socket.destroy();
});

t.test('who stalls with much that proves nothing gives way to who goes on', async t => {
  const { gateway, deliver, logged } = await listening(t);
  const { frame_bytes, webhook_read_bytes } = limits;
  const part = 'x'.repeat(frame_bytes - 1);
  const count = Math.ceil(webhook_read_bytes / part.length) + 8;
  const stalled = [];
  for (let n = 0; n < count; n++) stalled.push(await begun(gateway.port, frame_bytes, part));
  t.equal((await deliver()).status, 202, 'there is room again');
  const said = await Promise.race(stalled.map(({ heard }) => heard));
  t.match(said, /HTTP\/1.1 503.*Retry-After: \d/s, 'and who stalled is told to come back');
  t.match(logged.join(), /turned away for lack of room/);
  for (const { socket } of stalled) socket.destroy();
});

t.test('a burst of large deliveries at once is taken whole', async t => {
  const { deliver, noted } = await listening(t);
  const body = 'lorem ipsum '.repeat(40_000);
  const pull_request = { ...payload.pull_request, body };
  const burst = Array.from({ length: 300 }, (_, n) =>
    deliver(signed({ payload: { ...payload, pull_request }, delivery: `d-${n}` })),
  );
  const statuses = new Set((await Promise.all(burst)).map(({ status }) => status));
  t.same([...statuses], [202]);
  t.equal(noted.length, 300);
});

t.test('what there is no room to keep is answered 503, and somebody hears of it', async t => {
  const { deliver, desk, logged } = await listening(t);
  desk.answer = () => undefined;
  const away = await deliver();
  t.equal(away.status, 503);
  t.equal(away.headers.get('retry-after'), `${limits.unavailable_retry_s}`);
  t.match(logged, [/"count":1.*turned away for lack of room; let GitHub deliver them again/]);
});

t.test('a log that is slow lets nobody wait: what was taken is noted later', async t => {
  const { deliver, desk } = await listening(t);
  desk.answer = () => new Promise(() => {});
  const answer = await deliver();
  t.equal(answer.status, 202);
  t.match(await answer.json(), { outcome: 'queued' });
});

t.test('a sender that breaks off in a POST leaves the broker as it was', async t => {
  const { gateway, url, deliver } = await listening(t);
  for (const path of ['/webhooks/github', '/rpc']) {
    const socket = await dial(gateway.port);
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${gateway.port}`,
      'Authorization: Bearer operator-token-of-this-test-0123456789',
      'Content-Type: application/json',
      `X-Hub-Signature-256: ${signatureOf('', 'a guess')}`,
      'Content-Length: 9',
      'Expect: 100-continue',
    ].join('\r\n');
    socket.write(`${head}\r\n\r\n`);
    await new Promise(resolve => socket.once('data', resolve));
    socket.destroy();
  }
  t.equal((await deliver()).status, 202, url);
});

t.test('the hosts that may be called stay few, and only POST is a delivery', async t => {
  const { gateway, url } = await listening(t);
  const { body, headers } = signed();
  const lines = Object.entries({ Host: 'evil.example', 'Content-Length': body.length, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const foreign = `POST /webhooks/github HTTP/1.1\r\n${head}\r\n${body}`;
  t.match(await raw(gateway.port, foreign), /^HTTP\/1.1 403/);
  t.equal((await fetch(url)).status, 405);
});

t.test('without a secret the answer says how to configure one', async t => {
  const { gateway } = await house(t);
  const answer = await fetch(`${gateway.url}/webhooks/github`, signed());
  t.equal(answer.status, 404);
  t.match(await answer.json(), { error: { message: /GITHUB_WEBHOOK_SECRET/ } });
});
