// Levels with a broker of the previous build, as a program: both on one mesh, then each alone.
import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { LEVEL } from '../../broker/core/levels.js';
import { startNatsServer } from '../../broker/nats-server/server.js';
import { connect, join, type Person } from '../dsl/live-broker.js';
import { natsDefaults } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';
import { readLog } from '../dsl/watch.js';
import { buildBefore, type CliBroker, up } from './previous.js';

const root = await mkdtemp(joinPath(tmpdir(), 'signalbox-levels-'));
const say = (line: string) => process.stdout.write(`${line}\n`);
const today = process.cwd();
const former = joinPath(root, 'former');
say(`building the last commit below level ${LEVEL} …`);
const began = await buildBefore(LEVEL, former);
const server = await startNatsServer(natsDefaults(joinPath(root, 'nats')));
const natsUrl = server.url.replace('//', `//${server.user}:${server.password}@`);
try {
  const old = await up(former, natsUrl, joinPath(root, 'a'));
  const told = await talk(old);
  const before = await linesOf(old);
  say(`the build before ${began}: ${before.length} events`);

  const young = await up(today, natsUrl, joinPath(root, 'b'));
  assert.deepEqual((await linesOf(young)).slice(0, before.length), before, 'it reads the same');
  assert.ok(holds(await ask(young, told), told.answers), 'and answers the same');
  say('the build of today reads what the other wrote, and answers alike');

  const { code, said } = await old.ended;
  assert.notEqual(code, 0);
  assert.match(said, new RegExp(`level ${LEVEL}.*update it`), said);
  say(`the other stopped: ${said.trim().split('\n').at(-1)}`);
  await assert.rejects(up(former, natsUrl, joinPath(root, 'a')), /update it/);
  say('and does not start again');

  const after = await linesOf(young);
  await young.stop();
  const again = await up(today, natsUrl, joinPath(root, 'b'));
  assert.deepEqual((await linesOf(again)).slice(0, after.length), after, 'a replay tells the same');
  assert.ok(holds(await ask(again, told), told.answers));
  await again.stop();
  say('passed');
} finally {
  await server.stop();
  await rm(root, { recursive: true, force: true });
}

interface Told {
  secret: string;
  calls: [method: string, params: Fields][];
  answers: unknown[];
}

/** A little of everything, and what reading it answers. */
async function talk(house: CliBroker): Promise<Told> {
  const web = await join(undefined, house, 'web');
  const api = await join(undefined, house, 'api');
  const asked = await web.ask('api', 'may I merge?');
  await api.reply(asked, 'yes');
  await web.ask('api', 'and now?');
  await web.notify('api', 'built');
  await web.guest.command('broadcast.send', { text: 'all of you' });
  const job = await web.guest.command('job.create', { title: 'fix', to: 'api' });
  await api.guest.command('job.claim', { job: job.job });
  await web.guest.command('schedule.self', { text: 'look', fire_at: '1h' });
  await web.guest.command('review.touch', { pr_url: 'https://github.com/acme/shop/pull/7' });
  const calls: Told['calls'] = [
    ['ask.list', {}],
    ['ask.get', { ask: asked }],
    ['job.list', {}],
    ['schedule.list', {}],
  ];
  const answers = await answersOf(web, calls);
  web.guest.hangUp();
  api.guest.hangUp();
  return { secret: web.credential, calls, answers };
}

async function ask(house: CliBroker, { secret, calls }: Told): Promise<unknown[]> {
  const guest = await connect(undefined, house, { credential: secret });
  const answers = await answersOf({ guest }, calls);
  guest.hangUp();
  return answers;
}

async function answersOf({ guest }: Pick<Person, 'guest'>, calls: Told['calls']) {
  const answers: unknown[] = [];
  for (const [method, params] of calls) {
    answers.push(await guest.call(method, params));
  }
  return answers;
}

/** True when all that is expected is said; a later build may say more of each thing. */
function holds(said: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return said === expected;
  if (typeof said !== 'object' || said === null) return false;
  const isWhole = !Array.isArray(expected) || (said as unknown[]).length === expected.length;
  const entries = Object.entries(expected);
  return isWhole && entries.every(([key, value]) => holds((said as Fields)[key], value));
}

async function linesOf(house: CliBroker) {
  const guest = await connect(undefined, house);
  const lines = await readLog(guest);
  guest.hangUp();
  return lines;
}
