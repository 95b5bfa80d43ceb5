// Bounds of sessions over HTTP, without a broker.
import t from 'tap';
import { Agent } from '../../client/mcp/agent.js';
import { McpSessions } from '../../client/mcp/http/sessions.js';
import { clientLimits as limits } from '../../schemas/limits-client.js';

const most = limits.mcp_http_sessions_items;

/** Sessions without peers; which of them were let go. */
function emptySessions() {
  const released: string[] = [];
  const http = { answer: async () => new Response(), close: async () => {} };
  const open = () => {
    throw new Error('nobody calls');
  };
  const sessions = new McpSessions({
    secret: 'secret',
    seat: (_, id = '') => ({
      agent: new Agent({ isFull: false, open }),
      release: async () => void released.push(id),
      end: async () => {},
    }),
    open: async () => http,
    openSingle: () => http,
  });
  t.teardown(() => sessions.close());
  return { sessions, released };
}

const holder = { bearer: 'token', isFull: false };

t.test('of too many sessions the one unused longest makes room, and may come back', async t => {
  const { sessions, released } = emptySessions();
  const ids: string[] = [];
  for (let n = 0; n < most + 20; n++) ids.push((await sessions.begin(holder))?.id ?? '');
  t.same(released, ids.slice(0, 20));
  t.match(await sessions.find(holder, ids[0] ?? ''), { id: ids[0] });
  t.equal(await sessions.find({ ...holder, bearer: 'other' }, ids[0] ?? ''), undefined);
  t.equal(await sessions.find({ ...holder, name: 'other' }, ids[0] ?? ''), undefined);
});

t.test('a session in use is never let go: with no other left, newcomers wait', async t => {
  const { sessions, released } = emptySessions();
  for (let n = 0; n < most; n++) {
    const live = await sessions.begin(holder);
    if (live !== undefined) live.open = 1;
  }
  t.equal(await sessions.begin(holder), undefined);
  await sessions.letGo(performance.now() + limits.mcp_session_ms);
  t.same(released, []);
});
