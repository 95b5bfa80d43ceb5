// Reading changes nothing: no verb that only looks joins, comes back, or leaves a trace in the log.
import { readFile, writeFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { callOnce } from '../../client/index.js';
import { openBroker } from '../dsl/live-broker.js';
import { identityFile } from './identity-file.js';
import { type Inside, inside } from './inside.js';
import type { Run } from './shell.js';

const house = await openBroker(t, { durability: 'os' });
const operator = { url: house.ready.url, credential: house.token };
const watcher = await inside(t, house, 'watcher');

/** Every event of the log, as it is; where it ends, a silent broker's empty commits move on. */
const logText = async () => {
  const lines = await watcher.ok(['tail', '--from', 'start', '--no-follow', '--json']);
  return lines.replace(/,"cursor":"[^"]*"/g, '');
};

const readings: readonly (readonly string[])[] = [
  ['whoami'],
  ['peers'],
  ['peers', '--all'],
  ['inbox'],
  ['inbox', '--no-ack'],
  ['inbox', '--wait', '0.1s'],
  ['asks'],
  ['asks', '--in', '--all'],
  ['status'],
  ['orchestrator', 'status'],
  ['review', 'queue'],
  ['review', 'queue', '--all'],
  ['review', 'queue', '--peer', 'me'],
  ['schedule', 'list'],
  ['schedule', 'list', '--others', '--all'],
  ['schedule', 'show', 'ffffff'],
  ['usage'],
  ['usage', 'list', '--by', 'day'],
  ['stats'],
  ['at', '0s', 'peers'],
  ['at', '8192', 'inbox'],
  ['replay', '--from', 'start', '--speed', 'max'],
  ['job', 'list'],
  ['job', 'list', '--all'],
  ['job', 'show', 'ffffff'],
  ['rollup', 'ffffff'],
  ['trace', 'ffffff'],
  ['token', 'list'],
  ['doctor'],
  ['open'],
  ['tail', '--no-follow'],
  ['log', 'read'],
];

/** What concerns only who is there: for anybody else it is a refusal, and no reason to join. */
const ownMatters: readonly (readonly string[])[] = [
  ['ack', '--all'],
  ['ack', 'msg_01a2041f-0000-74b9-b7d6-000000abcdef'],
  ['cancel', 'ffffff'],
  ['retract', 'ffffff'],
  ['rename', 'other'],
  ['leave'],
];

/** Runs all that reads; what it said, by verb. Fails the test when the log is another after it. */
async function readAll(t: Test, reader: Inside): Promise<Map<string, Run>> {
  const said = new Map<string, Run>();
  const before = await logText();
  for (const words of [...readings, ...ownMatters]) {
    const run = await reader.run(words);
    said.set(words.join(' '), run);
    t.notMatch(run.stderr, /joined as/, words.join(' '));
  }
  t.equal(await logText(), before, 'the log is as it was');
  return said;
}

t.test('from a fresh home', async t => {
  const ada = await inside(t, house, 'ada');
  const said = await readAll(t, ada);
  t.match(said.get('whoami'), { code: 0, stdout: /nobody: you have not joined/ });
  t.match(said.get('whoami'), { stderr: /signalbox join/ });
  t.match(said.get('asks'), { code: 0, stderr: /not joined.*signalbox join/ });
  t.match(said.get('inbox'), { code: 5, stderr: /not joined\n.*signalbox join/ });
  t.match(said.get('leave'), { code: 5, stderr: /not joined/ });
  t.match(said.get('peers'), { code: 0 });
  t.match(JSON.parse(await ada.ok(['whoami', '--json'])), { token: 'operator', peer: undefined });
});

t.test('after leave, which stays as it is', async t => {
  const bob = await inside(t, house, 'bob');
  await bob.ok(['join']);
  await bob.ok(['leave']);
  const said = await readAll(t, bob);
  t.match(said.get('whoami'), { code: 0, stdout: /nobody: you have left/ });
  t.match(said.get('inbox'), { code: 5, stderr: /you have left/ });
});

t.test('after kill', async t => {
  const cyd = await inside(t, house, 'cyd');
  const { peer } = JSON.parse(await cyd.ok(['join', '--json']));
  await callOnce(operator, 'peer.kill', { peer });
  const said = await readAll(t, cyd);
  t.match(said.get('whoami'), { code: 0, stdout: /nobody: cyd is retired/ });
  t.match(said.get('inbox'), { code: 6, stderr: /retired[\s\S]*signalbox join/ });
  t.match(said.get('asks'), { code: 0, stderr: /retired/ });
  const word = await cyd.run(['notify', 'watcher', 'still here?']);
  t.match(word, { code: 6, stderr: /retired for good[\s\S]*signalbox join/ });
  t.match(await cyd.run(['join']), { code: 0, stderr: /joining as a new peer/ });
  t.not(JSON.parse(await cyd.ok(['whoami', '--json'])).peer, peer);
});

t.test('as somebody who is there, whose items wait on', async t => {
  const dan = await inside(t, house, 'dan');
  await dan.ok(['join']);
  const before = await logText();
  for (const words of readings) await dan.run(words);
  t.equal(await logText(), before);
});

t.test('with the identity of another log', async t => {
  const other = await openBroker(t, { durability: 'os' });
  const home = await inside(t, other, 'eve');
  const { peer } = JSON.parse(await home.ok(['join', '--json']));
  const eve = await inside(t, house, 'eve', { home: home.home });
  const said = await readAll(t, eve);
  t.match(said.get('whoami'), { stdout: /nobody: you have not joined/ });
  t.match(await eve.run(['notify', 'eve', 'hello']), { code: 0, stderr: /joined as eve/ });
  t.not(JSON.parse(await eve.ok(['whoami', '--json'])).peer, peer, 'no peer is in two logs');
  t.equal(JSON.parse(await home.ok(['whoami', '--json'])).peer, peer, 'the other is as it was');
});

t.test('with a damaged identity, which is told with its file', async t => {
  const fay = await inside(t, house, 'fay');
  await fay.ok(['join']);
  const file = await identityFile(fay.home, 'fay');
  const whole = await readFile(file, 'utf8');
  await writeFile(file, whole.slice(0, 40));
  const before = await logText();
  for (const words of [['whoami'], ['inbox'], ['asks'], ['notify', 'dan', 'x'], ['join']]) {
    const run = await fay.run(words);
    t.match(run, { code: 1, stdout: '', stderr: file }, words.join(' '));
    t.match(run.stderr, /damaged/);
  }
  t.match(await fay.run(['peers']), { code: 0 }, 'who needs no identity is not kept up by it');
  t.match(await fay.run(['doctor']), { code: 1, stdout: /wrong +identity: .*damaged/ });
  t.equal(await logText(), before);
  await writeFile(file, whole);
  await fay.ok(['inbox']);
});
