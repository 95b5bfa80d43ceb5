// The memory of command ids: a command takes effect at most once, however little is remembered.
import fc from 'fast-check';
import t from 'tap';
import { CommandIds, type Remembered } from '../../broker/core/rows/command-ids.js';
import { idTime, makeUuid } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import {
  api,
  BOOT,
  type Draft,
  GATEWAY,
  joins,
  msgNo,
  T0,
  tells,
  uuid,
  web,
} from '../dsl/events.js';
import { finds, runs } from '../dsl/histories.js';
import { Mesh } from '../dsl/test-log.js';

const row = (position: number, author = 'peer_a'): Remembered => {
  const receipt = { kind: 'count', n: position % 5 } as const;
  return { author, type: 'message.broadcast', position, reason: undefined, receipt };
};

t.test('it finds the newest ids and forgets the oldest, at every size', async () => {
  const law = fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.uniqueArray(fc.nat(5_000), { maxLength: 120, size: 'max' }),
    (most, ns) => {
      const memory = new CommandIds(most);
      for (const [at, n] of ns.entries()) memory.add(uuid(n), row(at));
      return ns.every((n, at) => {
        const found = memory.find(uuid(n));
        return at < ns.length - most ? found === undefined : found?.position === at;
      });
    },
  );
  fc.assert(law, runs(200));
});

t.test('it grows from small to its most and keeps everything on the way', async t => {
  const memory = new CommandIds(5_000);
  for (let n = 0; n < 5_000; n++) memory.add(uuid(n), row(n));
  const found = Array.from({ length: 5_000 }, (_, n) => memory.find(uuid(n))?.position);
  t.same(found, [...found.keys()]);
  memory.add(uuid(5_000), row(5_000));
  t.equal(memory.find(uuid(0)), undefined);
  t.same(memory.find(uuid(1)), row(1));
  t.equal(memory.isForgotten(uuid(0), 'peer_a'), true);
});

t.test('ids that differ in one digit alone are different ids', async t => {
  const memory = new CommandIds();
  const base = makeUuid(T0, new Uint8Array(10));
  const others = [0, 7, 9, 12, 15, 17, 20, 22, 25, 27, 28, 35].map(at => {
    const digit = ((Number.parseInt(base[at]!, 16) + 1) % 16).toString(16);
    return base.slice(0, at) + digit + base.slice(at + 1);
  });
  memory.add(base, row(0));
  for (const [n, other] of others.entries()) {
    t.equal(memory.find(other), undefined, other);
    memory.add(other, row(n + 1));
  }
  t.same(
    [...memory.entries()].map(([id]) => id),
    [base, ...others],
    'and come back whole',
  );
});

t.test(
  'each author’s watermark is the newest id it was made to forget, and never falls',
  async t => {
    const memory = new CommandIds(2);
    memory.add(uuid(50), row(1, 'peer_a'));
    memory.add(uuid(10), row(2, 'peer_a'));
    memory.add(uuid(11), row(3, 'peer_b'));
    t.same(memory.toSnapshot().forgotten, [['peer_a', idTime(uuid(50))]]);
    memory.add(uuid(12), row(4, 'peer_b'));
    t.same(memory.toSnapshot().forgotten, [['peer_a', idTime(uuid(50))]]);
    t.equal(memory.isForgotten(uuid(50), 'peer_a'), true);
    t.equal(memory.isForgotten(uuid(51), 'peer_a'), false);
    t.equal(memory.isForgotten(uuid(11), 'peer_b'), false);
  },
);

interface Sent {
  n: number;
  /** Which of the two says it, and under which kind of command. */
  form: number;
}

const say = ({ n, form }: Sent): Draft => {
  const [from, to] = form % 2 ? [web, api] : [api, web];
  const turn = { ...p.turns(from, 'idle'), id: uuid(n) };
  return form < 2 ? tells(n, from, to, 'x') : form < 4 ? p.asks(n, from, to) : turn;
};

/** Invariant 7: whatever is repeated and forgotten, an author's id changes state at most once. */
function atMostOnce(memory: () => CommandIds): void {
  const sent = fc.record({ n: fc.nat(60), form: fc.nat(5) });
  const law = fc.property(fc.array(sent, { maxLength: 120, size: 'max' }), list => {
    const mesh = new Mesh();
    mesh.say(p.opened(), p.started(GATEWAY, BOOT), joins(web), joins(api));
    mesh.table.commands = memory();
    const effects = new Set<string>();
    for (const one of list) {
      const { event, void: reason } = mesh.one(say(one));
      // Seen at once, so that a second effect would not be refused as a message there already.
      if (event?.type === 'message.notified') mesh.table.messages.live.delete(event.message);
      mesh.table.messages.ended.delete(msgNo(one.n));
      mesh.table.asks.open.clear();
      if (reason !== undefined) continue;
      const effect = `${event?.by} ${event?.id}`;
      if (effects.has(effect)) return false;
      effects.add(effect);
    }
    return true;
  });
  fc.assert(law, runs(60));
}

t.test('7: a command id changes state at most once, with any memory', async t => {
  atMostOnce(() => new CommandIds(8));
  atMostOnce(() => new CommandIds(1));
  atMostOnce(() => new CommandIds());
  class Careless extends CommandIds {
    override isForgotten(): boolean {
      return false;
    }
  }
  finds(t, () => atMostOnce(() => new Careless(8)), 'a memory without watermarks');
  class Blind extends CommandIds {
    override find(): undefined {
      return undefined;
    }
  }
  finds(t, () => atMostOnce(() => new Blind()), 'a memory that does not look');
});

function small(): Mesh {
  const mesh = new Mesh(8);
  mesh.say(p.opened(), p.started(GATEWAY, BOOT), joins(web), joins(api));
  return mesh;
}

t.test('a repeat is void as duplicate, under whatever type and author it comes', async t => {
  const mesh = small();
  t.equal(mesh.one(tells(1, web, api, 'x')).void, undefined);
  t.equal(mesh.one(tells(1, web, api, 'x')).void, 'duplicate');
  t.equal(mesh.one({ ...p.turns(web, 'idle'), id: uuid(1) }).void, 'duplicate');
  t.equal(mesh.one({ ...p.turns(api, 'idle'), id: uuid(1) }).void, 'duplicate');
});

t.test('a refusal of the fold is remembered like an effect', async t => {
  const mesh = small();
  t.equal(mesh.one({ ...p.closes(api, 9, 'replied'), id: uuid(1) }).void, 'ask_unknown');
  mesh.one(p.asks(9, web, api));
  t.equal(mesh.one({ ...p.closes(api, 9, 'replied'), id: uuid(1) }).void, 'duplicate');
  t.equal(mesh.table.commands.find(uuid(1))?.reason, 'ask_unknown');
});

t.test('an id older than what is remembered is stale, and so never takes effect', async t => {
  const mesh = small();
  for (let n = 10; n < 20; n++) mesh.one({ ...p.turns(web, 'idle'), id: uuid(n) });
  t.equal(mesh.one({ ...p.turns(web, 'working'), id: uuid(5) }).void, 'command_stale');
  t.equal(mesh.one({ ...p.turns(web, 'working'), id: uuid(10) }).void, 'command_stale');
  t.equal(mesh.table.peers.rows.get(web.peer)?.turn, 'idle');
  t.equal(mesh.one({ ...p.turns(api, 'working'), id: uuid(5) }).void, undefined, 'not for others');
});

t.test('an id over a minute ahead is refused and does not poison what comes after', async t => {
  const mesh = small();
  const ahead = (ms: number) => makeUuid(mesh.now + ms, Uint8Array.of(ms & 0xff));
  t.equal(mesh.one({ ...p.turns(web, 'idle'), id: ahead(60_000) }).void, undefined);
  t.equal(mesh.one({ ...p.turns(web, 'working'), id: ahead(60_001) }).void, 'invalid');
  t.equal(mesh.one({ ...p.turns(web, 'working'), id: ahead(9e9) }).void, 'invalid');
  mesh.now += 60_000;
  for (let n = 0; n < 20; n++) mesh.one({ ...p.turns(web, 'idle'), id: ahead(n) });
  t.equal(mesh.one({ ...p.turns(web, 'idle'), id: ahead(30_000) }).void, undefined);
});

t.test('what brokers propose needs no memory', async t => {
  const mesh = small();
  const again = { ...p.disconnects(web), id: 'any' };
  t.equal(mesh.one(again).void, undefined);
  t.equal(mesh.one({ ...p.connects(web), id: 'any' }).void, undefined);
  t.equal(mesh.one(again).void, undefined, 'the same id says a new thing');
  t.equal([...mesh.table.commands.entries()].length, 2, 'only the joins are remembered');
});
