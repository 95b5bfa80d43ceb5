// The plugin of OpenCode: mail in the session's own history, seen on proof, and a turn for it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { acceptWorkspace } from '../../../client/workspace/accepted.js';
import { join as joinMesh, openBroker, type Person } from '../../dsl/live-broker.js';
import { tempDir } from '../../dsl/nats.js';
import { until } from '../../dsl/until.js';
import { hostedSession } from './host.js';

const house = await openBroker(t);
const web = await joinMesh(t, house, 'web');

async function rowOf(peer: string): Promise<Record<string, unknown>> {
  const rows = (await web.guest.call('peer.list', { offline: true })).rows as Person[];
  return { ...rows.find(({ name }) => name === peer) };
}

const queued = async (peer: string) => (await rowOf(peer)).queued;

t.test('mail is added to prompts and tools, and is seen when the model answers it', async t => {
  const host = await hostedSession(t, house, 'busy');
  await host.created();
  t.equal((await host.prompt('go on with it')).length, 1);
  t.match(await rowOf('busy'), { turn: 'working', description: 'go on with it' });
  await host.request();
  await web.notify('busy', 'first words');
  t.match((await host.tool()).output, /^done\n\nMail from Signalbox[\s\S]*first words/);
  t.notMatch((await host.tool()).output, /Signalbox/, 'the next of the same step has nothing');
  t.equal(await queued('busy'), 1, 'handed is not seen');
  t.match(await host.request(), /first words/);
  t.equal((await host.tool()).output, 'done');
  t.equal(await queued('busy'), 0);
  await web.notify('busy', 'second words');
  t.match((await host.prompt('and this'))[1], /second words/, 'behind what a person typed');
});

t.test('words of the model are followed by mail, and the turn goes on for it', async t => {
  const host = await hostedSession(t, house, 'kept');
  await host.prompt('go');
  for (let n = 1; n <= 8; n += 1) {
    await host.request();
    await web.notify('kept', `words ${n}`);
    await host.said();
    t.match(host.history.at(-1)?.parts[0], { synthetic: true, text: `words ${n}` });
  }
  await host.request();
  await web.notify('kept', 'words 9');
  const { length } = host.history;
  await host.said();
  t.equal(host.history.length, length, 'that is enough');
  await host.idle();
  t.match(await rowOf('kept'), { turn: 'idle', queued: 1 });
  t.match((await host.prompt('on'))[1], /words 9/);
});

t.test('a session at rest is online, and a turn begins for mail, as the agent it was', async t => {
  const host = await hostedSession(t, house, 'rest');
  await host.prompt('go');
  await host.request();
  await host.said();
  await host.idle();
  await until(async () => (await rowOf('rest')).status === 'online');
  const ask = await web.ask('rest', 'are you there?');
  await until(async () => host.begun.length > 0);
  t.match(host.begun, [new RegExp(`${ask}[\\s\\S]*are you there`)]);
  await until(async () => (await rowOf('rest')).turn === 'working');
  await host.request();
  await host.said();
  await host.idle();
  t.match(await rowOf('rest'), { turn: 'idle', queued: 0 });
  t.equal(host.begun.length, 1);
});

t.test('a subagent takes no mail; its calls of our tools are those of the session', async t => {
  const host = await hostedSession(t, house, 'parent');
  await host.prompt('go');
  await web.notify('parent', 'words');
  t.equal((await host.tool('bash', 'ses_child')).output, 'done');
  const { args } = await host.tool('signalbox_ask', 'ses_child');
  t.same(args, { signalbox_session: 'ses_parent' });
  t.match((await host.tool('signalbox_ask')).output, /words/);
  await host.request();
  t.same(host.history.at(-1)?.parts[0]?.state?.input, {}, 'no model reads it');
  const shell = { env: {} as Record<string, string> };
  await host.hooks['shell.env']({ sessionID: 'ses_child' }, shell);
  t.same(shell.env, { OPENCODE_SESSION_ID: 'ses_parent' });
});

t.test('after a kill only what is not in the history is said again', async t => {
  const before = await hostedSession(t, house, 'killed');
  await before.prompt('go');
  await web.notify('killed', 'kept words');
  await before.prompt('more');
  await before.request();
  await web.notify('killed', 'lost words');
  t.match((await before.tool()).output, /lost words/);
  before.history.pop();
  const after = await hostedSession(t, house, 'killed', before);
  const [, mail] = await after.prompt('on');
  t.match(mail, /shown again[\s\S]*lost words/);
  t.notMatch(mail, /kept words/);
  await after.request();
  await after.said();
  await after.idle();
  t.equal(await queued('killed'), 0);
});

t.test('a summary proves nothing, and no mail is put into it', async t => {
  const host = await hostedSession(t, house, 'compact');
  await host.prompt('go');
  await web.notify('compact', 'words');
  t.match((await host.tool()).output, /words/);
  await host.hooks['experimental.session.compacting']({ sessionID: 'ses_compact' });
  await host.request();
  await web.notify('compact', 'more');
  await host.said();
  await host.idle();
  t.equal(await queued('compact'), 2);
  t.match(host.begun, [/more/]);
  await host.request();
  await host.said();
  await host.idle();
  t.equal(await queued('compact'), 0);
});

t.test('without a broker the host goes on, and its log says why', async t => {
  const home = await tempDir(t);
  await writeFile(join(home, 'token'), 'none');
  const ready = { url: 'http://127.0.0.1:9', token_file: join(home, 'token') };
  const host = await hostedSession(t, { ready } as never, 'alone');
  t.same(await host.prompt('go'), ['go']);
  t.equal((await host.tool()).output, 'done');
  await host.said();
  await host.idle();
  t.match(host.logged, [/127\.0\.0\.1:9/]);
});

t.test(
  'each request of an orchestrator has its workspace as system text, of others not',
  async t => {
    const home = await tempDir(t);
    for (const folder of ['boss', 'beside']) {
      await mkdir(join(home, folder, '.signalbox'), { recursive: true });
      await writeFile(join(home, folder, '.signalbox.yaml'), 'role: orchestrator\n');
    }
    await writeFile(join(home, 'boss', '.signalbox', 'workspace.json'), '{}');
    await writeFile(join(home, 'boss', 'SOUL.md'), 'Speak plainly.\n');
    acceptWorkspace(join(home, '.local', 'state', 'signalbox'), join(home, 'boss'));
    const toldIn = async (folder: string, sessionID = `ses_${folder}`) => {
      const host = await hostedSession(t, house, folder, { history: [], home });
      await host.prompt('go');
      const system: string[] = [];
      for (const at of [1, 2]) {
        await host.hooks['experimental.chat.system.transform']({ sessionID }, { system });
        if (at === 1) await host.hooks['experimental.session.compacting']({ sessionID });
      }
      return system;
    };
    t.match(await toldIn('boss'), [/Speak plainly/, /Speak plainly/]);
    t.same(await toldIn('boss', 'ses_child'), [], 'a subagent');
    t.same(await toldIn('beside'), []);
  },
);
