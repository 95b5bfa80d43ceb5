// Brokers of one log hold one state, whoever wrote what, and a replay of the log holds it too.
import { type Test, test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import type { Answer, Author } from '../../broker/core/words.js';
import { memoryStore } from '../../broker/log/memory.js';
import type { CommandName } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { chanceFrom, seedOf } from '../dsl/chance.js';
import { HandClock, type House, openHouse, operator } from '../dsl/memory-brokers.js';

const COMMANDS = 600;
const BURST = 12;
const names = ['ann', 'bob', 'cid'];

test('4, 8: brokers that write over and under each other fold the same', async t => {
  const chance = chanceFrom(seedOf(t));
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const houses = [
    await openHouse(t, quarters, 'a'),
    await openHouse(t, quarters, 'b'),
    await openHouse(t, quarters, 'c'),
  ];
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(chance() * items.length)]!;
  const peers = await Promise.all(names.map(name => houses[0]!.join(name)));
  await caughtUp(houses);
  const asks: string[] = [];
  let voids = 0;
  for (let done = 0; done < COMMANDS; done += BURST) {
    quarters.clock.turn(chance() * 2);
    for (const house of houses) house.fate = chance() < 0.1 ? 'unheard' : 'stored';
    const note = (answer: Answer) => {
      if (isRefusal(answer)) return;
      if (answer.result.ask) asks.push(String(answer.result.ask));
      if (answer.result.verdict === 'void') voids++;
    };
    const burst = Array.from({ length: BURST }, () =>
      pick(houses).give(...anything(pick, peers, asks)),
    );
    const race = closedByAll(houses, asks.at(-1));
    for (const answer of await Promise.all([...burst, ...race])) note(answer);
  }
  for (const house of houses) house.fate = 'stored';
  await caughtUp(houses);
  t.ok(voids > 0, `${voids} commands lost a race in the log`);
  sameState(t, houses);
  t.strictSame(replayed(quarters.store.commits), houses[0]!.fold.toSnapshot(), 'the replay too');
});

type Pick = <Item>(items: readonly Item[]) => Item;

/** Any command; many of them race for the same names and asks. */
function anything(
  pick: Pick,
  peers: readonly Author[],
  asks: readonly string[],
): [CommandName, object, Author?] {
  const me = pick(peers);
  const to = pick(names);
  const recent = asks.slice(-4);
  const all: (() => [CommandName, object, Author?])[] = [
    () => ['peer.join', { name: to }],
    () => ['peer.rename', { name: pick([...names, 'dot']) }, me],
    () => ['peer.turn', { state: pick(['idle', 'working']) }, me],
    () => ['notify.send', { to, text: 'hello', backlog: pick(['deliver', 'digest']) }, me],
    () => ['notify.send', { to, text: 'soon gone', expires_at: '2s' }, me],
    () => ['broadcast.send', { text: 'all' }, me],
    () => ['ask.open', { to, text: 'what?' }, me],
    () => ['inbox.subscribe', {}, me],
    () => ['inbox.ack', { up_to: 10_000_000 }, me],
    () => ['token.create', { name: to, circles: ['*'], roles: [], verbs: ['observe'] }],
    () => ['ask.close', { ask: pick(recent), outcome: 'replied', text: 'this' }, me],
    () => ['ask.close', { ask: pick(recent), outcome: 'cancelled' }, me],
    () => ['ask.open', { to, text: 'and you?', reply_to: pick(recent) }, me],
  ];
  return pick(recent.length > 0 ? all : all.slice(0, -3))();
}

/** The one who was asked closes the ask at every house at once. */
function closedByAll(houses: readonly House[], ask: string | undefined): Promise<Answer>[] {
  return houses.flatMap(house => {
    const row = house.fold.table.asks.open.get(ask ?? '');
    if (row === undefined) return [];
    const author = { ...operator, peer: row.to };
    return [house.give('ask.close', { ask, outcome: 'declined' }, author)];
  });
}

async function caughtUp(houses: readonly House[]): Promise<void> {
  await Promise.all(houses.map(({ door }) => door.caughtUp()));
  const head = Math.max(...houses.map(({ fold }) => fold.sequence));
  await Promise.all(houses.map(house => house.until(() => house.fold.sequence >= head)));
}

function sameState(t: Test, [first, ...others]: readonly House[]): void {
  for (const other of others) {
    t.strictSame(other.fold.toSnapshot(), first!.fold.toSnapshot(), 'one state');
  }
}

function replayed(commits: Parameters<Fold['commit']>[0][]) {
  const fold = new Fold();
  for (const commit of commits) fold.commit(commit);
  return fold.toSnapshot();
}
