// Deadlines among brokers: any of them may say that one has come, and it comes once.
import t from 'tap';
import { memoryStore } from '../../broker/log/memory.js';
import { isRefusal } from '../../schemas/refusal.js';
import { HandClock, type House, openHouse } from '../dsl/memory-brokers.js';

const ends = (house: House) =>
  house.records('ask.expired').filter(({ void: reason }) => reason === undefined).length;

async function ask(house: House, question?: object) {
  const web = await house.join('web');
  const api = await house.join('api');
  const more = question === undefined ? {} : { question };
  const answer = await house.give(
    'ask.open',
    { to: 'api', text: '?', deadline_at: '30s', ...more },
    web,
  );
  if (isRefusal(answer)) throw new Error(answer.message);
  return { web, api, ask: String(answer.result.ask) };
}

t.test('an ask expires once, whichever brokers notice', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const one = await openHouse(t, quarters, 'one');
  const two = await openHouse(t, quarters, 'two');
  const asked = await ask(one, { kind: 'permission' });
  for (const house of [one, two]) house.broker.tick();
  await two.until(() => two.fold.table.asks.open.has(asked.ask));
  quarters.clock.turn(29);
  for (const house of [one, two]) house.broker.tick();
  t.equal(ends(one), 0, 'not before its time');
  quarters.clock.turn(1);
  for (const house of [one, two]) house.broker.tick();
  await Promise.all([one, two].map(house => house.until(() => ends(house) > 0)));
  quarters.clock.turn(5);
  for (const house of [one, two]) house.broker.tick();
  await one.give('peer.describe', { text: 'after' }, asked.web);
  for (const house of [one, two]) {
    t.equal(ends(house), 1);
    t.match(house.fold.table.asks.get(asked.ask), { state: 'closed', outcome: 'denied' });
  }
  const grant = { ask: asked.ask, outcome: 'replied' };
  t.match(await two.give('ask.close', grant, asked.api), { refusal: 'ask_closed' });
});

t.test('when the first in rank is away, another broker says so a little later', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const houses = [await openHouse(t, quarters, 'one'), await openHouse(t, quarters, 'two')];
  const asked = await ask(houses[0]!);
  const [first] = [...houses[0]!.boots].sort();
  const last = houses.find(house => bootOf(house) !== first)!;
  await last.until(() => last.fold.table.asks.open.has(asked.ask));
  quarters.clock.turn(30);
  last.broker.tick();
  t.equal(ends(last), 0, 'it leaves it to the first for a while');
  quarters.clock.turn(1);
  last.broker.tick();
  await last.until(() => ends(last) === 1);
  t.match(last.fold.table.asks.get(asked.ask), { outcome: 'expired' });
});

/** The boot of a house, known by the gateway it announced. */
function bootOf(house: House): string | undefined {
  const { gateway } = house.door.info();
  return [...house.fold.table.gateways.rows.values()].find(row => row.gateway === gateway)?.boot;
}
