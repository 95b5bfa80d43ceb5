// The levels: a kind of event takes effect from its level of the log on, on every broker alike.
import t from 'tap';
import { holdsFrom, isKnownAt, LEVEL } from '../../broker/core/levels.js';
import { memoryStore } from '../../broker/log/memory.js';
import { eventTypes } from '../../schemas/event.js';
import * as p from '../dsl/events.js';
import { joins, web } from '../dsl/events.js';
import { HandClock, openHouse } from '../dsl/memory-brokers.js';
import { Mesh } from '../dsl/test-log.js';

const retires = p.broker('peer.retired', { peer: web.peer, circle: web.circle });

function meshOfLevel(level: number): Mesh {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level, mesh: 'default' }), p.started(p.GATEWAY, p.BOOT), joins(web));
  return mesh;
}

t.test('a kind that came later is malformed until the log is levelled for it', async t => {
  const mesh = meshOfLevel(1);
  t.equal(mesh.one(retires).void, 'malformed', 'as a broker says that does not know it');
  t.equal(mesh.fold.malformed, 1);
  t.equal(mesh.one(p.broker('log.leveled', { level: LEVEL })).void, undefined);
  t.equal(mesh.one(retires).void, 'stale', 'now it is judged by its rules');
  t.equal(mesh.fold.malformed, 1);
});

t.test(
  'a kind is known from its own level on, and at every later one that may yet come',
  async t => {
    const newAt = (level: number) =>
      eventTypes.filter(type => isKnownAt(level, type) && !isKnownAt(level - 1, type));
    t.equal(newAt(1).length, 21);
    const isOfWebhooks = (type: string) => /^(webhook|deadletter)\./.test(type);
    const isOfLeases = (type: string) => type.startsWith('lease.');
    const isOfWatches = (type: string) => type.startsWith('watch.');
    t.same(
      newAt(3).filter(type => ![isOfWebhooks, isOfLeases, isOfWatches].some(isOf => isOf(type))),
      [
        ...['log.checkpointed', 'orchestrator.handed_over', 'inbox.handed'],
        ...['review.moved', 'review.forgotten'],
        ...['board.moved', 'board.linked'],
      ],
    );
    t.equal(newAt(3).filter(isOfWebhooks).length, 15);
    t.equal(newAt(3).filter(isOfLeases).length, 3);
    t.equal(newAt(3).filter(isOfWatches).length, 3);
    t.equal(newAt(1).length + newAt(2).length + newAt(3).length, eventTypes.length);
    for (const type of eventTypes) t.ok(isKnownAt(LEVEL + 1, type), type);
    t.notOk(isKnownAt(LEVEL + 1, 'ask.opened', 2), 'a version that nobody knows');
  },
);

t.test('a log that is opened at a level has its kinds at once', async t => {
  t.equal(meshOfLevel(LEVEL).one(retires).void, 'stale');
});

t.test('a broker raises an older log to its own level before it serves', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const old = meshOfLevel(1);
  for (const { bytes } of old.log) {
    quarters.store.commits.push({
      sequence: quarters.store.commits.length + 1,
      storedAt: quarters.clock.now(),
      bytes,
    });
  }
  const house = await openHouse(t, quarters, 'a');
  t.equal(house.fold.table.log.level, LEVEL);
  t.equal(house.records('log.leveled').length, 1);
  const next = await openHouse(t, quarters, 'b');
  t.equal(next.records('log.leveled').length, 1, 'once');
});

t.test('a rule of a level holds from where the log was raised to it', async t => {
  const mesh = meshOfLevel(LEVEL - 1);
  t.equal(holdsFrom(LEVEL, mesh.table), false);
  t.equal(holdsFrom(LEVEL - 1, mesh.table), true);
  mesh.say(p.broker('log.leveled', { level: LEVEL }));
  t.equal(holdsFrom(LEVEL, mesh.table), true);
});
