// One law over every method: the same call has the same answer in JSON and in msgpack.
import { type Test, test } from 'tap';
import { methods } from '../../schemas/method.js';
import { connect, type House, openBroker } from '../dsl/live-broker.js';
import {
  type Encoding,
  encodings,
  type Fields,
  type Guest,
  Refused,
  uuid,
} from '../dsl/raw-client.js';

/** A circle of its own for each encoding, where the same things happen in the same order. */
interface World {
  circle: string;
  guests: Record<string, Guest>;
  /** The last answer of each method, by its name. */
  told: Record<string, Fields>;
}

type Make = (world: World) => Fields;
type Step = [who: string, method: string, params: Make];

const PULL = 'https://github.com/acme/app/pull/7';
const TEXT = 'grüße, 🚂 "quoted" \\ \u0000 \u2028\n';
/** Numbers of every width, and every kind of plain value. */
const RESULT = {
  numbers: [0, -1, 127, 128, -129, 65_536, 2 ** 32, -(2 ** 33), 2 ** 53 - 1, 0.1, 1e-7, -2.5e300],
  others: [null, true, false, '', TEXT, [], {}, [[{ deep: [] }]]],
};
const question = { kind: 'choice', options: [...'yn'].map(id => ({ id, label: id })) };
const attachments = [{ name: 'diff', text: TEXT }];
const usage = { model: 'm', input_tokens: 70_000, output_tokens: 1, cost_usd: 0.1 };
const can = { drain: true, keep_going: true, wake_idle: true, steer: false };
const nothing: Make = () => ({});
/** So that more than one page is told, however fast the search is. */
const ONE_BY_ONE = { records: true, max: 1 };
const circle: Make = world => ({ circle: world.circle });
const last =
  (method: string, key: string, as = key) =>
  (world: World) => ({ [as]: world.told[method]?.[key] });
const ask = last('ask.open', 'ask');
const job = last('job.create', 'job');
const schedule = last('schedule.cron', 'schedule');
const webhook = last('webhook.add', 'webhook');
const item = { board: 'md:/work/TODO.md', item: 'fix-login', title: 'Répare « login »' };
const files = { project: 'github.com/acme/app' };
/** Nobody listens there, and nobody can: a port that is not to be had. */
const nowhere = {
  url: 'http://127.0.0.1:1/in',
  allow_private: '127.0.0.1',
  secret: `whsec_${'c2ln'.repeat(8)}`,
};

const story: Step[] = [
  ['page', 'session.start', world => ({ code: world.told['session.offer']?.code })],
  ['web', 'peer.join', world => ({ name: 'web', circle: world.circle, description: TEXT })],
  ['second', 'peer.attach', world => ({ ...identity(world) })],
  ['db', 'peer.join', world => ({ name: 'db', circle: world.circle })],
  ['api', 'peer.join', world => ({ name: 'api', circle: world.circle, model: TEXT })],
  ['web', 'peer.whoami', nothing],
  ['web', 'peer.rename', () => ({ name: 'spider' })],
  ['web', 'peer.describe', () => ({ text: TEXT })],
  ['web', 'peer.turn', () => ({ state: 'working', text: TEXT, usage })],
  ['api', 'peer.turn', () => ({ state: 'idle', can })],
  ['web', 'peer.list', world => ({ ...circle(world), self: true, offline: true })],
  ['web', 'peer.get', world => ({ peers: [identity(world).peer, 'peer_nobody-at-all', TEXT] })],
  ['web', 'orchestrator.status', circle],
  ['api', 'inbox.subscribe', nothing],
  ['web', 'ask.open', () => ({ to: 'api', text: TEXT, question, attachments })],
  ['web', 'ask.wait', world => ({ ...ask(world), timeout_s: 0 })],
  ['api', 'ask.close', world => ({ ...ask(world), outcome: 'replied', option: 'y', text: TEXT })],
  ['web', 'ask.get', ask],
  ['web', 'ask.list', nothing],
  ['web', 'ask.fan_out', () => ({ to: ['api'], text: TEXT, deadline_at: '1h', quorum: 1 })],
  ['web', 'ask.rollup', last('ask.fan_out', 'group')],
  ['web', 'broadcast.send', world => ({ text: TEXT, circle: world.circle })],
  ['web', 'notify.send', () => ({ to: 'api', text: TEXT, attachments })],
  ['web', 'message.trace', world => ({ ref: world.told['notify.send']?.message })],
  ['api', 'inbox.read', nothing],
  ['api', 'inbox.drain', () => ({ session: 's1', max: 1 })],
  ['api', 'inbox.reminders', nothing],
  ['api', 'inbox.ack', world => ({ refs: [world.told['ask.open']?.ask], generation: 1 })],
  ['web', 'message.retract', last('notify.send', 'message')],
  ['web', 'job.create', () => ({ title: TEXT, body: TEXT, attachments, lease_s: 600 })],
  ['api', 'job.claim', job],
  ['api', 'job.update', world => ({ ...job(world), attempt: 1, progress: 0.1, note: TEXT })],
  ['api', 'job.finish', world => ({ ...job(world), ...finish, result: RESULT })],
  ['web', 'job.get', job],
  ['web', 'job.list', circle],
  ['web', 'job.create', () => ({ title: 'never', to: 'api', owner: 'spider', due_at: '2h' })],
  ['web', 'job.cancel', world => ({ ...job(world), reason: TEXT })],
  ['web', 'job.retry', job],
  ['web', 'schedule.create', () => ({ to: 'api', text: TEXT, fire_at: '2h' })],
  ['web', 'schedule.self', () => ({ text: TEXT, cron: '@daily', zone: 'Asia/Kolkata' })],
  ['web', 'schedule.cron', () => ({ to: 'api', text: TEXT, cron: '@hourly', catch_up: 'all' })],
  ['web', 'schedule.pause', schedule],
  ['web', 'schedule.resume', schedule],
  ['web', 'schedule.get', schedule],
  ['web', 'schedule.cancel', schedule],
  ['web', 'schedule.list', nothing],
  ['web', 'watch.create', () => ({ when: 'peer.offline', peer: 'api', for_s: 60, text: TEXT })],
  ['web', 'watch.list', nothing],
  ['web', 'watch.cancel', last('watch.create', 'watch')],
  ['web', 'review.touch', () => ({ pr_url: PULL, head_sha: 'a'.repeat(40), title: TEXT })],
  ['web', 'review.request', () => ({ pr_url: PULL, of: 'api' })],
  ['api', 'review.queue', nothing],
  ['api', 'review.mark', () => ({ pr_url: PULL })],
  ['web', 'review.forget', () => ({ pr_url: PULL })],
  ['web', 'lease.take', () => ({ ...files, paths: ['docs', './src/a.ts'], note: 'grüße' })],
  ['api', 'lease.list', () => ({ ...files, paths: ['src'] })],
  ['web', 'lease.release', () => ({ ...files, paths: ['docs'] })],
  ['web', 'usage.budget', world => ({ ...circle(world), cost_usd_per_day: 0.15 })],
  ['web', 'usage.list', circle],
  ['web', 'webhook.add', world => ({ ...nowhere, circles: [world.circle], kinds: ['job'] })],
  ['web', 'webhook.entrust', world => ({ ...webhook(world), secret: nowhere.secret })],
  ['web', 'webhook.test', webhook],
  ['web', 'webhook.pause', webhook],
  ['web', 'webhook.resume', world => ({ ...webhook(world), from_now: true })],
  ['web', 'webhook.rotate', world => ({ ...webhook(world), overlap_s: 0 })],
  ['web', 'webhook.get', webhook],
  ['web', 'webhook.list', nothing],
  ['web', 'deadletter.list', webhook],
  ['web', 'deadletter.get', () => ({ letter: `dead_${uuid()}` })],
  ['web', 'deadletter.retry', webhook],
  ['web', 'deadletter.clear', webhook],
  ['web', 'webhook.remove', webhook],
  ['web', 'board.move', () => ({ ...item, to: 'Läuft', status: 'in_progress' })],
  ['web', 'board.link', () => ({ ...item, ref: PULL })],
  ['web', 'board.list', circle],
  ['web', 'token.create', world => ({ name: 'ci', ...rights, circles: [world.circle] })],
  ['web', 'token.list', nothing],
  ['web', 'token.revoke', last('token.create', 'token')],
  ['second', 'log.observe', () => ({ from: 'now', filter: { types: ['log.opened'] } })],
  ['second', 'log.unobserve', last('log.observe', 'subscription')],
  ['web', 'log.read', world => ({ from: 'now', reverse: true, filter: jobsIn(world) })],
  ['web', 'view.at', world => ({ view: 'asks', ...when(world), where: circle(world) })],
  ['web', 'log.search', world => ({ query: 'grüße', filter: jobsIn(world), ...ONE_BY_ONE })],
  ['web', 'log.thread', last('ask.open', 'ask', 'ref')],
  ['web', 'log.histogram', world => ({ from: 'start', buckets: 1, filter: jobsIn(world) })],
  ['token', 'mesh.health', nothing],
  ['second', 'view.watch', world => ({ view: 'jobs', where: circle(world) })],
  ['second', 'view.unwatch', last('view.watch', 'subscription')],
  ['token', 'log.verify', () => ({ from: 0, to: 4_096 })],
  ['token', 'log.export', () => ({ from: 4_096, to: 4_096, format: 'raw' })],
  ['token', 'mesh.audit', nothing],
  ['token', 'mesh.info', nothing],
  ['token', 'mesh.stats', nothing],
  ['token', 'session.offer', nothing],
  ['deputy', 'peer.join', world => ({ name: 'deputy', ...leads(world) })],
  ['boss', 'peer.join', world => ({ name: 'boss', ...leads(world) })],
  ['boss', 'orchestrator.handover', world => ({ ...boss(world), to: 'deputy', note: TEXT })],
  ['web', 'peer.kill', last('peer.join', 'peer')],
  ['web', 'peer.leave', nothing],
];
const jobsIn = (world: World) => ({ circles: [world.circle], kinds: ['job', 'ask'] });
const leads: Make = world => ({ ...circle(world), role: 'orchestrator' });
const boss: Make = world => ({ ...circle(world), ...last('peer.join', 'peer', 'from')(world) });
const when = last('ask.close', 'position');
const finish = { attempt: 1, outcome: 'completed', summary: TEXT };
const rights = { roles: ['agent'], verbs: ['speak'] };

/** Of the first who joined: the answers of later ones stand in its place. */
function identity({ told }: World): Fields {
  const { peer, secret } = told['peer.join'] ?? {};
  return { peer, secret };
}

const who = ['token', 'web', 'second', 'db', 'api', 'boss', 'deputy'];

async function worldIn(t: Test, house: House, encoding: Encoding): Promise<World> {
  const guests: Record<string, Guest> = {};
  for (const name of who) guests[name] = await connect(t, house, { encoding });
  const page = { credential: '', headers: { origin: house.ready.url } };
  guests.page = await connect(t, house, { encoding, ...page });
  const told = { 'session.offer': await guests.token!.call('session.offer') };
  return { circle: `in-${encoding}`, guests, told };
}

const isCommand = (method: string) =>
  'id' in ((methods as Record<string, { params: { shape?: object } }>)[method]?.params.shape ?? {});

/** All pages as one: where a page ends, a search that has its time decides. */
async function whole(world: World, name: string, params: Fields, first: Fields): Promise<Fields> {
  const hits = [first.hits];
  let { next } = first;
  while (next !== undefined) {
    const page = await world.guests[name]!.call('log.search', { ...params, after: next });
    hits.push(page.hits);
    next = page.next;
  }
  return { ...first, hits: hits.flat(), next: hits.length > 1 };
}

/** What a caller is told: a result, or all of a refusal. */
async function say(world: World, name: string, method: string, params: Fields): Promise<Fields> {
  const id = isCommand(method) ? { id: uuid() } : {};
  try {
    const result = await world.guests[name]!.call(method, { ...id, ...params });
    return { result: method === 'log.search' ? await whole(world, name, params, result) : result };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { refused: error.data, code: error.code, message: error.message };
  }
}

/** Of two worlds on one broker these differ by nature: who came second, how far the log is. */
const COUNTS = [
  ...['number', 'commits', 'events', 'log_bytes', 'retry_after_s', 'uptime_s', 'per_s'],
  ...['events_per_s', 'p50_ms', 'p99_ms', 'total', 'bytes', 'sequence', 'lag_commits', 'lag_ms'],
  ...['store_ms', 'log_ms', 'behind', 'behind_commits', 'checked', 'ms'],
];
const CHANCE = ['secret', 'code', 'resume', 'cursor', 'head', 'next', 'digest', 'detail', 'at'];
/** What a broker says of itself once it has come to it. */
const IN_TIME = ['boot'];
/** It takes hours of failures until there is one to be told of. */
const REFUSED = ['deadletter.get'];
const CIRCLES = /in-(?:json|msgpack)/g;
const IDS = new RegExp(
  [
    '\\b(?:peer|ask|msg|job|sched|token|webhook|dead|lease|boot|log|sub|view|gateway)_[\\w.-]+',
    '[\\da-f-]{36}',
    '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z?',
  ].join('|'),
  'g',
);

/** A report of a difference must survive whatever the text is. */
function escaped(text: string): string {
  return text.replace(/[^ -~]/gu, one => `<${one.codePointAt(0)}>`);
}

/** The answer with what no two calls share told by its place: ids, positions, moments. */
function normal(answer: unknown): unknown {
  const seen = new Map<string, string>();
  const idOf = (id: string) => seen.get(id) ?? seen.set(id, `id ${seen.size}`).get(id)!;
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map(each => walk(each, key));
    if (typeof value === 'string') {
      if (CHANCE.includes(key)) return `some ${key}`;
      return escaped(value.replace(CIRCLES, 'a circle').replace(IDS, idOf));
    }
    if (typeof value === 'number') {
      return COUNTS.includes(key) || value >= 4_096 ? 'some number' : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    const told = Object.entries(value).filter(([name]) => !IN_TIME.includes(name));
    const entries = told.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, field]) => [name, walk(field, name)]));
  };
  return walk(answer, '');
}

test('the same call has the same answer in JSON and in msgpack, every method', async t => {
  const house = await openBroker(t);
  const worlds = await Promise.all(encodings.map(encoding => worldIn(t, house, encoding)));
  const both = async (name: string, method: string, make: Make) => {
    const said = [];
    for (const world of worlds) {
      const answer = await say(world, name, method, make(world));
      if (answer.result) world.told[method] = answer.result as Fields;
      said.push({ answer, normal: normal(answer) });
    }
    t.strictSame(said[1]?.normal, said[0]?.normal, `${method} of ${name}`);
    return said.map(({ answer }) => answer);
  };
  const answered = new Set<string>();
  for (const [name, method, make] of story) {
    // A page that offends is closed.
    const offender = name === 'page' ? 'token' : name;
    await both(offender, method, world => ({ ...make(world), surprise: 1 }));
    const answers = await both(name, method, make);
    if (answers.every(({ result }) => result !== undefined)) answered.add(method);
    else if (!REFUSED.includes(method)) t.strictSame(answers, [], `${method} is refused`);
    if (method === 'job.get') {
      const result = RESULT;
      t.match(answers, [{ result: { title: TEXT, result } }, { result: { result } }]);
    }
  }
  const all = [...answered, ...REFUSED].sort();
  t.strictSame(all, Object.keys(methods).sort(), 'no method is left out');
  // Once more after the end, by another peer: most of it is refused, each for its own reason.
  const refusals = new Set<unknown>();
  for (const [, method, make] of story) {
    if (method === 'peer.join' || method === 'peer.attach') continue;
    for (const { refused } of await both('db', method, make)) {
      refusals.add((refused as Fields | undefined)?.refusal);
    }
  }
  t.ok(refusals.size > 6, [...refusals].join(' '));
});
