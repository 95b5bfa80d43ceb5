// Rules of the tools for leases: who edits what is known before, and what to do then is said.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { tempDir } from '../dsl/nats.js';
import { guest, house } from './house.js';
import { session } from './session.js';

const tree = await tempDir(t);
await mkdir(join(tree, '.git'));
await mkdir(join(tree, 'src'));

t.test('sessions in one project know of each other’s files, by paths as they stand', async t => {
  const [one, two] = await Promise.all(
    ['lease-one', 'lease-two'].map(async (name, n) => {
      const directory = n === 0 ? tree : join(tree, 'src');
      const args = ['--name', name, '--circle', 'files'];
      const made = await session(t, house, { args, directory });
      await made.shake();
      return made;
    }),
  );
  const taken = await one!.does('lease_take', { paths: ['src/a.ts', 'docs/'], note: 'the parser' });
  t.match(taken, {
    lease: /^lease_/,
    paths: ['docs', 'src/a.ts'],
    until: /Z$/,
    next: /lease_release/,
  });
  const held = await two!.does('lease_take', { paths: ['a.ts'], wait_s: 0.1 });
  t.match(held, {
    taken: false,
    held: [{ path: 'src/a.ts', by: 'lease-one', note: 'the parser' }],
    next: /^held by lease-one until \S+Z \(30 min left\): ask it, .* or work elsewhere$/,
  });
  t.match(await two!.does('lease_list', { paths: ['../docs/x.md'] }), {
    leases: [{ by: 'lease-one', paths: ['docs', 'src/a.ts'], left: '30 min' }],
  });
  t.match(await two!.does('lease_list', { mine: true }), { none: /nobody/ });
  const waiting = two!.does('lease_take', { paths: 'a.ts', wait_s: 60 });
  t.match(await one!.does('lease_release', { paths: ['src'] }), { released: ['src'] });
  const mine = { paths: ['src/a.ts'], beside: ['lease-one'], next: /this very work tree/ };
  t.match(await waiting, mine);
  t.match((await two!.tool('lease_release', { paths: ['../x'] })).text, /lease_unknown/);
  await one!.does('lease_release', { lease: taken.lease });
});

t.test('what a wait takes that its client has given up is let go of again', async t => {
  const [one, two] = await Promise.all(
    ['up-one', 'up-two'].map(name => guest(house, `?name=${name}&circle=up`)),
  );
  const wanted = { paths: ['a'], project: 'github.com/acme/given-up' };
  await one!.does('lease_take', wanted);
  const waits = { name: 'lease_take', arguments: { ...wanted, wait_s: 60 } };
  const { id } = two!.open('tools/call', waits);
  await two!.does('lease_list', {});
  two!.note('notifications/cancelled', { requestId: id, reason: 'timed out' });
  await two!.does('lease_list', {});
  await one!.does('lease_release', wanted);
  t.match(await one!.does('lease_take', { ...wanted, wait_s: 30 }), { paths: ['a'] });
});

t.test('a session without a folder names the project', async t => {
  const far = await guest(house, '?name=lease-far&circle=files');
  t.match((await far.tool('lease_take', { paths: ['a'] })).text, /give project/);
  const given = { paths: ['a'], project: 'github.com/acme/app' };
  t.match(await far.does('lease_take', given), { paths: ['a'] });
  t.match(await far.does('lease_list', {}), { leases: [{ by: 'lease-far' }, { by: 'lease-two' }] });
  t.match(await far.does('lease_release', given), { released: ['a'] });
});
