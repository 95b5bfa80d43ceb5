// The loop of an orchestrator, by tools alone: dispatch, track, review, close out; the broker dies.
import { once } from 'node:events';
import t from 'tap';
import { newShell, upIn } from '../cli/shell.js';
import type { Fields } from '../dsl/mcp-client.js';
import { until } from '../dsl/until.js';
import { session } from './session.js';

const shell = await newShell(t);
const first = await upIn(shell);
const pull = 'https://github.com/acme/shop/pull/7';

/** Finds the broker by its data directory, as a user's own agents do. */
async function member(name: string) {
  const { HOME: home = '' } = shell.env;
  const env = { SIGNALBOX_URL: undefined, SIGNALBOX_TOKEN_FILE: undefined };
  const one = await session(t, { ready: first.ready }, { args: ['--name', name], env, home });
  await one.shake();
  return one;
}

const [boss, web] = [await member('boss'), await member('web')];
const named = (facts: Fields, name: string) => `${facts[name]}`;

t.test('what is dispatched comes back through a broker that is killed and moves', async t => {
  await web.does('set_description', { text: 'waits for work' });
  t.match(await boss.does('list_peers'), { peers: [{ name: 'web', doing: 'waits for work' }] });

  const ask = named(
    await boss.does('ask', { to: 'web', text: 'mend the door, tell me how' }),
    'ask',
  );
  const made = await boss.does('job_create', { title: 'sweep', body: 'the floor', to: 'web' });
  const job = named(made, 'job');

  t.match(await web.does('inbox', { wait_s: 30 }), {
    new: 2,
    mail: new RegExp(`${ask}.*${job}`, 's'),
  });
  const { attempt } = await web.does('job_claim', { job });
  await web.does('job_update', { job, attempt, progress: 0.5, note: 'half' });

  const dead = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await dead;
  const away = await boss.tool('whoami');
  t.ok(away.isError, away.text);
  const second = await upIn(shell);
  t.not(second.ready.url, first.ready.url);
  // What was acknowledged is there; what was only handed is not seen, and not lost.
  const heard = async () => (await boss.tool('job_status', { job })).facts;
  t.match(await until(async () => ((await heard()).job === undefined ? null : heard())), {
    state: 'running',
    progress: 0.5,
  });

  await until(async () => !(await web.tool('whoami')).isError);
  await web.does('job_finish', { job, attempt, outcome: 'completed', summary: 'swept' });
  await web.does('review_touch', { pr_url: pull, title: 'Mend the door' });
  await web.does('review_request', { pr_url: pull, of: 'boss' });
  await web.does('reply', { ask, outcome: 'replied', text: 'with a new hinge' });

  t.match(await boss.does('wait_for_reply', { ask }), { outcome: 'replied', reply: /new hinge/ });
  t.match((await boss.tool('inbox')).text, /sweep|swept/);
  t.match(await boss.does('job_result', { job }), { state: 'completed', summary: /swept/ });
  t.match(await boss.does('review_queue'), { pulls: [{ pr_url: pull }] });
  await boss.does('mark_reviewed', { pr_url: pull, sha: 'abcdef1' });
  t.match(await boss.does('thread', { ref: ask }), { said: /mend the door.*new hinge/s });
  t.match(await boss.does('job_list', { state: 'running' }), { none: 'no such job' });
});
