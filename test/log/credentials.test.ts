// Logging in at NATS with a file: an nkey seed, or a user's JWT with its seed, read anew each time.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nkeys } from 'nats';
import t, { type Test } from 'tap';
import { openJetStream } from '../../broker/log/jetstream.js';
import { readStoreKey } from '../../broker/log/store-address.js';
import { start } from '../../broker/main.js';
import { systemClock } from '../../broker/system/clock.js';
import { startConfig } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { until } from '../dsl/until.js';
import { startBareNats } from './bare-nats.js';

type Key = ReturnType<typeof nkeys.createUser>;

const seedOf = (key: Key) => Buffer.from(key.getSeed()).toString();
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT as the operator of a server makes it. */
function jwtOf(issuer: Key, subject: Key, nats: object): string {
  const header = base64({ typ: 'JWT', alg: 'ed25519-nkey' });
  const claims = { iss: issuer.getPublicKey(), sub: subject.getPublicKey(), iat: 1, name: 'test' };
  const body = `${header}.${base64({ ...claims, nats: { version: 2, ...nats } })}`;
  return `${body}.${Buffer.from(issuer.sign(Buffer.from(body))).toString('base64url')}`;
}

function credsOf(jwt: string, key: Key): string {
  const block = (what: string, text: string) =>
    `-----BEGIN ${what}-----\n${text}\n------END ${what}------\n\n`;
  return block('NATS USER JWT', jwt) + block('USER NKEY SEED', seedOf(key));
}

async function openWith(t: Test, url: string, credsFile: string, lines: string[] = []) {
  const onNotice = (line: string) => void lines.push(line);
  const common = { mesh: 'default', replicas: 1, maxBytes: 2 ** 20, clock: systemClock };
  const log = await openJetStream({ ...common, url, credsFile, onNotice });
  t.teardown(() => log.close());
  return log;
}

t.test('by an nkey seed, which is read again at each connection and never told', async t => {
  const [first, second] = [nkeys.createUser(), nkeys.createUser()];
  const users = [first, second].map(key => `{ nkey: ${key.getPublicKey()} }`);
  const nats = await startBareNats(t, `authorization { users: [${users}] }`);
  const file = join(await tempDir(t), 'broker.nk');
  await writeFile(file, `# of this test\n${seedOf(first)}\n`);
  const lines: string[] = [];
  const log = await openWith(t, nats.url, file, lines);
  t.match(await log.append('a', Buffer.from('a')), { outcome: 'stored' });
  t.match(lines, [/others may read .*broker\.nk/]);
  await chmod(file, 0o600);
  await writeFile(file, 'spoilt');
  await nats.end('SIGTERM');
  await nats.start();
  await until(() => lines.some(line => /connected .* again/.test(line)));
  t.ok(lines.some(line => /broker\.nk cannot be used: .* read before are used/.test(line)));
  t.match(await log.append('b', Buffer.from('b')), { outcome: 'stored' });
  await writeFile(file, seedOf(second));
  t.equal(await (await openWith(t, nats.url, file)).head(), 2);
  const stranger = seedOf(nkeys.createUser());
  await writeFile(file, stranger);
  await t.rejects(openWith(t, nats.url, file, lines), /AUTHORIZATION_VIOLATION/i);
  await t.rejects(openWith(t, nats.url.replace('//', '//u:p@'), file), /not in both/);
  t.notOk(lines.join().includes(seedOf(first)) || lines.join().includes(stranger));
});

t.test('by a .creds file, where an operator vouches for accounts and these for users', async t => {
  const [operator, account, system] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
  ];
  const user = nkeys.createUser();
  const most = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, conn: -1, leaf: -1 };
  const store = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1, wildcards: true };
  const limitsOf = (more: object) => ({ type: 'account', limits: { ...most, ...more } });
  const nats = await startBareNats(
    t,
    `operator: ${jwtOf(operator, operator, { type: 'operator' })}
     system_account: ${system.getPublicKey()}
     resolver: MEMORY
     resolver_preload: {
       ${system.getPublicKey()}: ${jwtOf(operator, system, limitsOf({}))}
       ${account.getPublicKey()}: ${jwtOf(operator, account, limitsOf(store))}
     }`,
  );
  const creds = credsOf(
    jwtOf(account, user, { type: 'user', subs: -1, data: -1, payload: -1 }),
    user,
  );
  const dir = await tempDir(t);
  const file = join(dir, 'broker.creds');
  await writeFile(file, creds, { mode: 0o600 });
  const config = startConfig(join(dir, 'data'), { natsUrl: nats.url, natsCreds: file });
  const broker = await start(config);
  t.equal(broker.ready.durability, 'external');
  await broker.close();
  for (const [damage, text] of [
    ['cannot be used: ENOENT', undefined],
    ['neither a user JWT', ''],
    ['neither a user JWT', creds.replace('------END NATS USER JWT', '')],
    ['its seed is damaged', creds.replace(seedOf(user), `SU${'A'.repeat(56)}`)],
    ['too much', creds.padEnd(70_000)],
  ] as const) {
    const path = text === undefined ? join(dir, 'nowhere.creds') : file;
    if (text !== undefined) await writeFile(file, text);
    const refused = { code: 'secret_unusable', message: new RegExp(damage) };
    const error = await start({ ...config, natsCreds: path }).catch(error => error);
    t.match(error, refused, damage);
    t.notOk(error.message.includes(seedOf(user).slice(4)));
  }
  await t.rejects(start({ ...config, natsCreds: dir }), /that is no file/);
});

t.test('a file of either kind is read as the tools of NATS write it', async t => {
  const key = nkeys.createUser();
  const seed = seedOf(key);
  t.same(readStoreKey(`${seed}\r\n`), { seed });
  t.same(readStoreKey(credsOf('a.b-_.c', key).replaceAll('\n', '\r\n')), { seed, jwt: 'a.b-_.c' });
  t.same(readStoreKey(seedOf(nkeys.createAccount())), undefined, 'an account is no user');
});
