// Credentials: whom each speaks for, what it allows, and what happens when it ends.
import t from 'tap';
import type { Answer } from '../../broker/core/words.js';
import { closeCodes } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import { bearer, house, post, UUID, visit } from '../dsl/gateway-house.js';
import { until } from './fake-outlet.js';

const WEB = 'peer_01890000-0000-7000-8000-00000000000a';
const SECRET = 'the-secret-of-web-0123456789';
const call = (method: string, params?: object) => ({ jsonrpc: '2.0', id: 1, method, params });

t.test('the operator token speaks for itself', async t => {
  const visited = await house(t);
  await (await visit(t, visited)).call(1, 'mesh.info');
  t.same(visited.door.reads[0]?.author, { token: 'operator' });
});

t.test('a created token is its bare secret, or its id and secret', async t => {
  const visited = await house(t);
  const token = visited.door.addToken('bare.secret-with-a-dot');
  for (const credential of ['bare.secret-with-a-dot', `${token}.bare.secret-with-a-dot`]) {
    t.match(await (await post(visited, call('mesh.info'), bearer(credential))).json(), { id: 1 });
    t.same(visited.door.reads.at(-1)?.author, { token }, credential);
  }
  const other = visited.door.addToken('another-secret-0123456789');
  const mixed = await post(visited, call('mesh.info'), bearer(`${other}.bare.secret-with-a-dot`));
  t.equal(mixed.status, 401, 'id and secret belong together');
});

t.test('a secret that is only hashed in the log is not the hash itself', async t => {
  const visited = await house(t);
  visited.door.addToken('a-secret-0123456789');
  const hash = visited.door.table.tokens.toSnapshot()[0]?.secret_hash ?? '';
  t.equal((await post(visited, call('mesh.info'), bearer(hash))).status, 401);
});

t.test('a peer’s secret speaks for the peer at once, with the rights of its token', async t => {
  const visited = await house(t);
  const token = visited.door.addToken('token-secret-0123456789');
  visited.door.addPeer(WEB, SECRET, token);
  const guest = await visit(t, visited, bearer(`${WEB}.${SECRET}`));
  t.same(visited.door.attached, [WEB], 'it is present while connected');
  await guest.call(1, 'peer.describe', { id: UUID, text: 'x' });
  t.same(visited.door.asked[0]?.command.author, { token, peer: WEB });
  t.match(await guest.call(2, 'log.observe', { from: 'start' }), {
    error: { data: { refusal: 'forbidden' } },
  });
  guest.ws.close();
  await guest.closed;
  await post(visited, call('peer.describe', { id: UUID, text: 'y' }), bearer(`${WEB}.${SECRET}`));
  t.same(visited.door.asked[1]?.command.author, { token, peer: WEB }, 'by POST too');
  t.same(visited.door.attached, [WEB], 'but a POST is no presence');
  t.same(visited.door.detached, [WEB]);
});

t.test('wrong secrets, retired peers and ended tokens are no credential', async t => {
  const visited = await house(t);
  const { door } = visited;
  const live = door.addToken('live-secret-0123456789');
  const revoked = door.addToken('revoked-secret-0123456', { revoked_at: 1 });
  const expired = door.addToken('expired-secret-0123456', { expires_at: door.now() - 1 });
  door.addPeer('peer_retired-1', SECRET, live, { retired: 'left' });
  door.addPeer('peer_revoked-1', SECRET, revoked);
  door.addPeer(WEB, SECRET, live);
  for (const credential of [
    'revoked-secret-0123456',
    `${expired}.expired-secret-0123456`,
    `peer_retired-1.${SECRET}`,
    `peer_revoked-1.${SECRET}`,
    `${WEB}.wrong`,
    `${WEB}.`,
    `${WEB}`,
    `.${SECRET}`,
    'operator',
    '__proto__.x',
  ]) {
    const answer = await post(visited, call('mesh.info'), bearer(credential));
    t.equal(answer.status, 401, credential);
    t.equal(answer.headers.get('www-authenticate'), 'Bearer');
    t.match(await answer.json(), { error: { code: -32001, data: { refusal: 'unauthorized' } } });
  }
});

t.test('an unknown credential waits once until the log is folded to its head', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.onCaughtUp = async () => void door.addToken('from-another-broker-0123');
  t.equal((await post(visited, call('mesh.info'), bearer('from-another-broker-0123'))).status, 200);
  t.equal(door.caughtUps, 1);
  await post(visited, call('mesh.info'), bearer('from-another-broker-0123'));
  t.equal(door.caughtUps, 1, 'a known one does not wait');
  door.onCaughtUp = () => Promise.reject(new Error('the log is away'));
  t.equal((await post(visited, call('mesh.info'), bearer('never-heard-of'))).status, 503);
});

t.test('a revoked token’s sockets close with 4001 as soon as the log says so', async t => {
  const visited = await house(t);
  const { door } = visited;
  const token = door.addToken('soon-revoked-0123456789');
  door.addPeer(WEB, SECRET, token);
  const bare = await visit(t, visited, bearer('soon-revoked-0123456789'));
  const peer = await visit(t, visited, bearer(`${WEB}.${SECRET}`));
  const operator = await visit(t, visited);
  const row = door.table.tokens.rows.get(token)!;
  door.table.tokens.put({ ...row, revoked_at: 1 });
  door.tell('token.revoked');
  t.equal((await bare.closed).code, closeCodes.revoked);
  t.equal((await peer.closed).code, closeCodes.revoked);
  t.match(await operator.call(1, 'mesh.info'), { result: {} }, 'others stay');
});

t.test('an expired token’s sockets close with 4001', async t => {
  const visited = await house(t, { deadlines: { ping_every_ms: 100 } });
  const { door } = visited;
  door.addToken('short-lived-0123456789', { expires_at: door.now() + 60_000 });
  const guest = await visit(t, visited, bearer('short-lived-0123456789'));
  door.ahead_ms = 60_001;
  t.equal((await guest.closed).code, closeCodes.revoked);
});

t.test('a token does what its verbs say', async t => {
  const visited = await house(t);
  visited.door.addToken('only-observes-0123456789', { verbs: ['observe'] });
  const guest = await visit(t, visited, bearer('only-observes-0123456789'));
  const forbidden = { error: { code: -32002, data: { refusal: 'forbidden', retry: false } } };
  t.match(await guest.call(1, 'log.observe', { from: 'now' }), { result: {} });
  t.match(await guest.call(2, 'peer.join', { id: UUID, name: 'web' }), forbidden);
  t.match(await guest.call(3, 'token.list'), forbidden);
  t.match(await guest.call(4, 'session.offer'), forbidden);
  t.match(await guest.call(5, 'peer.list'), { result: {} });
});

t.test('calls beyond the rate are refused with the time to wait', async t => {
  const visited = await house(t);
  visited.door.addToken('a-token-in-a-hurry-012345');
  // On a busy machine more would come due while these are answered.
  const start = Date.now();
  visited.door.now = () => start + visited.door.ahead_ms;
  const guest = await visit(t, visited, bearer('a-token-in-a-hurry-012345'));
  const many = Array.from({ length: limits.burst_commands + 50 }, (_, id) => ({
    ...call('mesh.info'),
    id,
  }));
  guest.send(many);
  const answers = [await guest.next()].flat();
  const refused = answers.filter(answer => 'error' in answer);
  t.ok(refused.length > 0 && refused.length <= 50, `${refused.length} of ${many.length} refused`);
  t.match(refused[0], {
    error: {
      code: -32005,
      data: { refusal: 'rate_limited', retry: true, retry_after_s: Number },
    },
  });
  visited.door.ahead_ms = 10_000;
  t.match(await guest.call(1, 'mesh.info'), { result: {} }, 'after a while it may go on');
  const operator = await visit(t, visited);
  operator.send(many);
  const free = [await operator.next()].flat();
  t.notOk(
    free.some(answer => 'error' in answer),
    'the operator token has no rate',
  );
});

t.test('who is killed while its attach or join is under way is closed with 4001', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.addPeer(WEB, SECRET, 'operator');
  let attached = (_: Answer) => {};
  door.onRead = () =>
    new Promise(resolve => {
      attached = resolve;
    });
  let joined = () => {};
  door.onCommand = ({ done }) => {
    joined = () => done({ result: { verdict: 'applied', peer: WEB } });
  };
  const [attaching, joining] = [await visit(t, visited), await visit(t, visited)];
  const attach = attaching.call(1, 'peer.attach', { peer: WEB, secret: SECRET });
  const join = joining.call(1, 'peer.join', { id: UUID, name: 'web', peer: WEB, secret: SECRET });
  await until(() => door.reads.length > 0 && door.asked.length > 0);
  door.table.peers.put({ ...door.table.peers.rows.get(WEB)!, retired: 'killed' });
  attached({ result: { peer: WEB } });
  joined();
  await Promise.all([attach, join]);
  for (const { closed } of [attaching, joining]) t.equal((await closed).code, closeCodes.revoked);
});
