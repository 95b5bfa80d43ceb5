// Two people and a broker of their own: the whole day of a command line, from up to down.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { finished, lineFrom, newShell, type Shell, sameUser, upIn } from './shell.js';

interface Town {
  ready: { durability: string };
  ada: Shell;
  bob: Shell;
}

/** Ada keeps the broker; Bob is another user who was given its address and a token file. */
async function town(t: Test): Promise<Town> {
  const ada = await newShell(t, { SIGNALBOX_AS: 'ada' });
  const { ready } = await upIn(ada);
  const bob = await newShell(t, {
    SIGNALBOX_AS: 'bob',
    SIGNALBOX_URL: ready.url,
    SIGNALBOX_TOKEN_FILE: ready.token_file,
  });
  await bob.run(['join']);
  return { ready, ada, bob };
}

async function ok(shell: Shell, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await shell.run(args, input);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The identity file of a person, wherever among the meshes it lies. */
async function identityOf({ env }: Shell, name: string) {
  const state = join(env.HOME ?? '', '.local', 'state', 'signalbox');
  const [mesh = ''] = await readdir(state);
  return JSON.parse(await readFile(join(state, mesh, `${name}.json`), 'utf8'));
}

const { ada, bob } = await town(t);
let short = '';

t.test('an ask waits for its reply, which alone is on stdout', async t => {
  const asking = ada.start('ask', 'bob', 'please review', '-', '--wait', '10m');
  asking.stdin?.end('+ one line\n');
  const answer = finished(asking);
  const item = await ok(bob, ['inbox', '--wait', '10m']);
  t.match(item, /^[0-9a-f]{6} {2}ask from ada \(human\) {2}just now\n/);
  t.match(item, '    please review\n    \n    + one line\n');
  short = item.slice(0, 6);
  t.match(await ok(bob, ['reply', short, 'looks', 'good']), `replied ${short}`);
  t.match(await answer, { code: 0, stdout: 'looks good\n', stderr: /asked bob/ });
});

t.test('what became of it can be traced by its short id', async t => {
  const trace = await ok(ada, ['trace', short]);
  t.match(trace, /accepted +ada\n.*seen +bob\n.*closed +bob\n/);
});

t.test('a closed ask, an unknown one and an unknown peer have codes of their own', async t => {
  t.match(await bob.run(['reply', short, 'again']), { code: 6, stderr: /closed already/ });
  t.match(await bob.run(['reply', 'ffffff', 'x']), { code: 5, stderr: /no ask ffffff/ });
  t.match(await ada.run(['ask', 'carol', 'hi']), { code: 5, stderr: /peers --all/ });
});

t.test('an ask that is declined ends with 6, one that is not answered with 124', async t => {
  const late = await ada.run(['ask', 'bob', 'now?', '--wait', '0.2s']);
  t.match(late, { code: 124, stdout: '', stderr: /signalbox cancel [0-9a-f]{6}/ });
  const open = JSON.parse(await ok(bob, ['asks', '--in', '--json'])).rows;
  t.match(open, [{ state: 'open', text: 'now?' }]);
  await ok(bob, ['decline', open[0].ask, 'not now']);
  const asking = finished(ada.start('ask', 'bob', 'and now?', '--wait'));
  const [item] = JSON.parse(await ok(bob, ['inbox', '--wait', '10m', '--json'])).rows;
  await ok(bob, ['decline', item.ref]);
  t.match(await asking, { code: 6, stdout: '', stderr: /was declined/ });
});

t.test('a message is shown once, and retracted only unseen', async t => {
  await ok(ada, ['inbox']);
  const first = await ok(ada, ['notify', 'bob', 'one', '\x1b[31mtwo']);
  t.match(await ok(bob, ['inbox', '--no-ack']), '    one two\n', 'escapes are gone');
  t.match(await ok(bob, ['inbox']), '    one two\n', 'left waiting, so shown again');
  t.equal(await ok(bob, ['inbox']), '');
  const id = /message ([0-9a-f]{6})/.exec(first)?.[1] ?? '';
  t.match(await ada.run(['retract', id]), { code: 5 });
  const second = await ok(ada, ['broadcast', 'wrong']);
  t.match(second, /to 1 peer\n/);
  await ok(ada, ['retract', /message ([0-9a-f]{6})/.exec(second)?.[1] ?? '']);
  t.match(await bob.run(['inbox', '--wait', '0.2s']), { code: 124, stdout: '' });
});

t.test('a message ends at a time on the wall, as after a duration', async t => {
  for (const [expires, least] of [
    ['tomorrow 9:00', 0],
    ['10m', 540_000],
  ] as const) {
    const sent = Date.now();
    await ok(ada, ['notify', 'bob', 'while it lasts', '--expires', expires]);
    const [item] = JSON.parse(await ok(bob, ['inbox', '--json'])).rows;
    t.ok(item.expires_at > sent + least, expires);
    if (expires === '10m') t.ok(item.expires_at < sent + 660_000, 'and no longer');
  }
  const refused = await ada.run(['notify', 'bob', 'x', '--expires', 'soon']);
  t.match(refused, { code: 2, stderr: /tomorrow 9:00/ });
});

t.test('a third watches it all, and goes on from where it stopped', async t => {
  const story = await ok(ada, ['tail', '--from', 'start', '--no-follow']);
  t.match(story, /bob joined as human/);
  t.match(story, /ada → bob ask [0-9a-f]{6}: please review/);
  t.match(story, new RegExp(`bob ask ${short} replied: looks good`));
  const lines = await ok(ada, ['tail', '--from', 'start', '--no-follow', '--json']);
  const records = lines
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const { cursor } = records.findLast(record => record.cursor);
  const watching = ada.start('tail', '--from', cursor, '--json');
  const next = lineFrom(watching, 'stdout', /message\.notified/);
  await ok(bob, ['notify', 'ada', 'after the cursor']);
  t.match(JSON.parse(await next), { event: { text: 'after the cursor' } });
  const stopped = finished(watching);
  watching.kill('SIGINT');
  t.match(await stopped, { code: 0, stderr: /to go on from here: signalbox tail --from/ });
});

t.test('a person keeps the peer through a new name, and comes back after leaving', async t => {
  const before = JSON.parse(await ok(bob, ['whoami', '--json']));
  await ok(bob, ['rename', 'robert']);
  t.match(JSON.parse(await ok(bob, ['whoami', '--json'])), { peer: before.peer, name: 'robert' });
  const asRobert = sameUser(t, bob, { SIGNALBOX_AS: 'robert' });
  t.match(JSON.parse(await ok(asRobert, ['whoami', '--json'])), { peer: before.peer });
  await ok(bob, ['leave']);
  t.match(await ada.run(['ask', 'robert', 'there?']), { code: 5 });
  t.match(JSON.parse(await ok(bob, ['join', '--json'])), { peer: before.peer, name: 'robert' });
});

t.test('an agent’s shell speaks for the agent, and never as a person', async t => {
  const person = await identityOf(bob, 'bob');
  const secretFile = join(bob.env.HOME ?? '', 'agent.secret');
  await writeFile(secretFile, `${person.secret}\n`, { mode: 0o600 });
  const env = { SIGNALBOX_PEER: person.peer, SIGNALBOX_SECRET_FILE: secretFile };
  const agent = sameUser(t, ada, { ...env, SIGNALBOX_AS: 'ada' });
  t.match(JSON.parse(await ok(agent, ['whoami', '--json'])), { name: 'robert' });
  t.match(await agent.run(['whoami', '--as', 'ada']), { code: 2, stderr: /speaks for peer_/ });
});

t.test('a token lets in as far as it goes, until it is revoked', async t => {
  const file = join(ada.env.HOME ?? '', 'ci.token');
  await ok(ada, ['token', 'create', 'ci', '--verbs', 'observe', '--out', file]);
  t.match(await readFile(file, 'utf8'), /^token_[^.]+\.\S+\n$/);
  t.match(await ok(ada, ['--token-file', file, 'peers', '--all']), /robert/);
  t.match(await ada.run(['--token-file', file, 'token', 'list']), { code: 4 });
  await ok(ada, ['token', 'revoke', 'ci']);
  t.match(await ada.run(['--token-file', file, 'status']), { code: 4, stderr: /doctor/ });
  t.match(await ok(ada, ['token', 'list']), /ci .* revoked\n/);
});

t.test('the doctor finds nothing wrong, then what is', async t => {
  t.match(await ada.run(['doctor']), { code: 0, stdout: /durability: / });
  const url = 'http://127.0.0.1:1';
  const away = await ada.run(['doctor', '--url', url, '--json']);
  t.equal(away.code, 1);
  const told = JSON.parse(away.stdout).rows.find(({ what }: { what: string }) => what === 'broker');
  t.match(told, { ok: false, cure: /signalbox up/ });
});

t.test('down stops it, says when there is nothing to stop, and then all is 7', async t => {
  t.match(await ok(ada, ['down']), /^stopped http/);
  t.match(await ada.run(['down']), { code: 0, stderr: /no broker runs/ });
  t.match(await ada.run(['peers']), { code: 7, stderr: /signalbox up/ });
  t.match(await bob.run(['inbox']), { code: 7, stderr: /no broker answers/ });
});
