// What children are told of our environment: what they need to run, and no secret.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { childEnv, LOGIN, NETWORK } from '../../broker/system/child-env.js';
import { startTestNats } from '../dsl/nats.js';

const secrets = {
  GITHUB_TOKEN: 'x',
  GH_TOKEN: 'x',
  GH_ENTERPRISE_TOKEN: 'x',
  SIGNALBOX_GITHUB_WEBHOOK_SECRET: 'x',
  SIGNALBOX_SECRET_FILE: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  DATABASE_URL: 'x',
  NODE_OPTIONS: 'x',
};

t.test('a child gets no secret, whatever it is started for', async t => {
  for (const more of [[], [NETWORK], [LOGIN], [NETWORK, LOGIN]]) {
    t.same(childEnv({ ...secrets, PATH: '/bin' }, ...more), { PATH: '/bin' });
  }
});

t.test('a child gets what it needs to be found, and to reach what it is started for', async t => {
  const plain = { PATH: '/bin', HOME: '/h', TMPDIR: '/t', LC_ALL: 'C', XDG_CACHE_HOME: '/c' };
  const network = { HTTPS_PROXY: 'p', no_proxy: 'q', NODE_EXTRA_CA_CERTS: 'c', NPM_TOKEN: 't' };
  const login = { GH_CONFIG_DIR: '/g', DBUS_SESSION_BUS_ADDRESS: 'd' };
  const all = { ...plain, ...network, ...login };
  t.same(childEnv(all), plain);
  t.same(childEnv(all, NETWORK), { ...plain, ...network });
  t.same(childEnv(all, LOGIN), { ...plain, ...login });
});

// Only Linux shows the environment of another process.
const skip = process.platform !== 'linux';
t.test('a nats-server under our care knows none of our secrets', { skip }, async t => {
  process.env.GITHUB_TOKEN = 'sesame-of-this-test';
  t.teardown(() => delete process.env.GITHUB_TOKEN);
  const { pid } = await startTestNats(t);
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
  t.match(environment, /PATH=/);
  t.notMatch(environment, 'sesame-of-this-test');
});
