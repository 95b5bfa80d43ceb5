// An orchestrator is cut off after each event of its day: another goes on, nothing lost or doubled.
import { type Test, test } from 'tap';
import { connect, type House, join, openBrokers, type Person } from '../dsl/live-broker.js';
import { type Fields, Refused, refusalOf } from '../dsl/raw-client.js';
import { until } from '../dsl/until.js';

interface World {
  boss: Person;
  deputy: Person;
  /** They work beside the deputy's broker. */
  workers: readonly [Person, Person];
  made: Map<string, string>;
}

type Deed = (world: World) => Promise<void>;

const note = ({ made }: World, what: string, { ask, job, schedule }: Fields) => {
  made.set(what, String(ask ?? job ?? schedule));
};
const asks =
  (what: string, n: 0 | 1): Deed =>
  async world =>
    note(world, what, { ask: await world.boss.ask(world.workers[n].peer, what) });

/** What the orchestrator does in a day, one event each, and what its workers do meanwhile. */
const day: readonly Deed[] = [
  asks('first', 0),
  asks('second', 1),
  async world => note(world, 'job', await world.boss.guest.command('job.create', { title: 'job' })),
  async world => {
    const plan = { text: 'look', fire_at: Date.now() + 1_000 };
    note(world, 'plan', await world.boss.guest.command('schedule.self', plan));
  },
  async world => void (await answer(world, 'first', 0)),
  async world => void (await claim(world)),
  async world => {
    const { workers, boss } = world;
    note(world, 'owed', { ask: await workers[1].ask(boss.peer, 'which branch?') });
  },
  async ({ boss }) => void (await boss.takeInbox()),
];

function answer({ workers, made }: World, what: string, n: 0 | 1): Promise<Fields> {
  return workers[n].reply(made.get(what)!, `${what} is done`);
}

function claim({ workers, made }: World): Promise<Fields> {
  return workers[0].guest.command('job.claim', { job: made.get('job') });
}

/** A world in a circle of its own; the orchestrator is killed once so many deeds are done. */
async function killedAfter(t: Test, [home, away]: readonly House[], count: number): Promise<World> {
  const circle = `killed-after-${count}`;
  const lead = { circle, role: 'orchestrator' };
  const boss = await join(t, home!, 'boss', lead);
  const deputy = await join(t, away!, 'deputy', lead);
  const workers = await Promise.all(['one', 'two'].map(name => join(t, away!, name, { circle })));
  const world: World = { boss, deputy, workers: workers as never, made: new Map() };
  for (const deed of day.slice(0, count)) await deed(world);
  await deputy.takeInbox();
  boss.guest.hangUp();
  return world;
}

/** As soon as its broker has said that the former one is gone. */
async function takeOver({ boss, deputy }: World): Promise<void> {
  await until(async () => {
    try {
      await deputy.guest.command('orchestrator.handover', { from: boss.peer });
      return true;
    } catch (error) {
      if (error instanceof Refused && error.refusal === 'orchestrator_live') return false;
      throw error;
    }
  });
}

/** The workers end what is under way, as if nothing had happened. */
async function finish(world: World, done: number): Promise<void> {
  const { made, workers } = world;
  const [one] = workers;
  if (made.has('first') && done < 5) await answer(world, 'first', 0);
  if (made.has('second')) await answer(world, 'second', 1);
  const job = made.get('job');
  if (job === undefined) return;
  if (done < 6) await claim(world);
  const end = { job, attempt: 1, outcome: 'completed', summary: 'done' };
  await one.guest.command('job.finish', end);
}

test('the successor hears of each thing once, wherever the day was cut off', async t => {
  const { brokers } = await openBrokers(t, 2);
  const play = async (count: number) => {
    const world = await killedAfter(t, brokers, count);
    const { boss, deputy, made } = world;
    await takeOver(world);
    await finish(world, count);
    const plan = made.get('plan');
    const about = ({ ref, schedule }: Fields) => String(schedule ?? ref);
    for (const [what, id] of made) {
      const item = await deputy.guest.hear('inbox.item', params => about(params) === id);
      const kinds = { plan: 'notify', job: 'job', owed: 'ask' } as Record<string, string>;
      t.equal(item.kind, kinds[what] ?? 'reply', `${what} after ${count}`);
    }
    const heard = deputy.guest.heard.filter(({ method }) => method === 'inbox.item');
    const told = heard.map(({ params }) => about(params)).sort();
    t.same(told, [...made.values()].sort(), `each once, after ${count}`);
    if (made.has('owed')) await deputy.reply(made.get('owed')!, 'main');
    await comesBack(t, brokers[0]!, world);
    const rows = await deputy.guest.call('schedule.list', {});
    const fired = (rows.rows as Fields[]).map(row => [row.schedule, row.fired]);
    t.same(fired, plan === undefined ? [] : [[plan, 1]], `${boss.name} planned it once`);
  };
  await Promise.all(Array.from({ length: day.length + 1 }, (_, count) => play(count)));
});

/** The former one finds one item, and may do nothing to what it once had. */
async function comesBack(t: Test, house: House, { boss, deputy, made }: World): Promise<void> {
  const back = await connect(t, house, { credential: boss.credential });
  const { items } = await back.call('inbox.read', {});
  const texts = (items as Fields[]).map(({ kind, from, text }) => [kind, from, text]);
  t.match(texts, [['system', deputy.peer, /^deputy took over from you/]]);
  t.equal(texts.length, 1);
  const ask = made.get('owed');
  const late = { ask, outcome: 'replied', text: 'from beyond' };
  if (ask !== undefined) t.equal(await refusalOf(back.command('ask.close', late)), 'not_yours');
  const again = back.command('orchestrator.handover', { from: boss.peer, to: deputy.peer });
  t.equal(await refusalOf(again), 'handed_over');
}
