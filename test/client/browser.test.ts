// Tries the door for pages: what it may load, and a session by code over the browser's own socket.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { WebSocket } from 'ws';
import { connect, keepIn } from '../../client/browser.js';
import { refused } from '../dsl/refused.js';
import { fakeBroker } from './fake-broker.js';

/** The socket of a page tells a failure by its close alone, and never throws it. */
class PageSocket extends WebSocket {
  constructor(url: string, subprotocol: string) {
    super(url, subprotocol);
    this.on('error', () => {});
  }
}
Object.assign(globalThis, { WebSocket: PageSocket });

/** Every module that the built file loads, by walking the imports that are left after building. */
async function loaded(file: URL, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(file.href)) return seen;
  seen.add(file.href);
  const code = await readFile(file, 'utf8');
  for (const [, named = ''] of code.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm)) {
    if (named.startsWith('.')) await loaded(new URL(named, file), seen);
    else seen.add(named);
  }
  return seen;
}

t.test('a page loads no module of Node and only packages that work in a browser', async t => {
  const modules = await loaded(new URL('../../client/browser.js', import.meta.url));
  t.ok(modules.size > 10, 'the walk found the SDK');
  const foreign = [...modules].filter(name => !name.startsWith('file:')).sort();
  t.same(foreign, ['msgpackr']);
  const own = [...modules].filter(name => name.includes('/client/'));
  t.notOk(own.some(name => /\/(socket|rpc|index)\.js$/.test(name)));
  t.notOk([...modules].some(name => name.includes('/broker/')));
});

function storage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

for (const encoding of ['json', 'msgpack'] as const) {
  t.test(
    `a page starts with its code and comes back with the resume code in ${encoding}`,
    async t => {
      const broker = await fakeBroker(t);
      const keep = keepIn(storage());
      const join = { name: 'web', role: 'human' as const };
      const client = await connect({ url: broker.url, code: 'from-the-url', keep, encoding, join });
      t.teardown(() => client.close());
      t.equal(keep.read(), 'resume-1');
      broker.cut();
      await client.call('mesh.info');
      const starts = broker.heard.filter(({ method }) => method === 'session.start');
      t.match(starts, [{ params: { code: 'from-the-url' } }, { params: { code: 'resume-1' } }]);
      t.equal(keep.read(), 'resume-2');
      t.same(broker.upgrades[0], {
        protocol: `signalbox.v1.${encoding}`,
        authorization: undefined,
      });
    },
  );
}

t.test('a reloaded page needs no fresh code, a new one is told where to get it', async t => {
  const broker = await fakeBroker(t);
  const keep = keepIn(storage());
  await t.rejects(connect({ url: broker.url, keep }), {
    code: 'misuse',
    message: /signalbox open/,
  });
  keep.write('kept');
  const client = await connect({ url: broker.url, keep });
  t.teardown(() => client.close());
  t.match(await broker.hears('session.start'), [{ params: { code: 'kept' } }]);
});

t.test('a spent code is refused, and the page does not try again', async t => {
  const broker = await fakeBroker(t, () => ({ refusal: 'unauthorized' }));
  await t.rejects(connect({ url: broker.url, code: 'spent' }), refused('unauthorized'));
  t.equal(broker.connections, 1);
});

t.test('a page that reaches no broker gives up after its time', async t => {
  const broker = await fakeBroker(t);
  const { url } = broker;
  await broker.close();
  await t.rejects(connect({ url, code: 'any', wait_ms: 0 }), { code: 'unreachable' });
});
