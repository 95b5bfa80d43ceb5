// The laws of the fold over random histories: total, equal, ordered, the same at door and in log.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  decodeCommit,
  encodeCommit,
  type OwnCommit,
} from '../../broker/core/commits/commit-bytes.js';
import { BrokenHistory, Fold } from '../../broker/core/fold.js';
import { LEVEL } from '../../broker/core/levels.js';
import { idObjection, objectionTo, voidReason } from '../../broker/core/rules.js';
import { isBrokerType } from '../../broker/core/tokens/authority.js';
import type { Delivery } from '../../broker/core/words.js';
import { unpack } from '../../schemas/codec.js';
import { eventTypes, hasKnownWords, type SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { finds, history, runs, untilMet } from '../dsl/histories.js';
import { folded, stateOf } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';

t.test('the random histories are lively: every kind of event takes effect in some', async t => {
  const applied = new Set<string>();
  const reasons = new Set<string>();
  // One must know the digest: a random one is void.
  const quiet = ['log.checkpointed', 'log.leveled'];
  const sought = ['malformed', 'duplicate', 'early', 'stale', 'boot_lost', 'unauthorized'];
  sought.push('ask_closed', 'not_yours', 'peer_retired', 'invalid');
  const missed = () => [
    ...eventTypes.filter(type => !applied.has(type) && !quiet.includes(type)),
    ...sought.filter(reason => !reasons.has(reason)),
  ];
  const live = (seed: number) => {
    for (const log of fc.sample(history, { numRuns: 50, seed })) {
      const fold = new Fold();
      for (const record of log.flatMap(delivery => fold.commit(delivery).records)) {
        if (record.void === undefined) applied.add(record.type);
        else reasons.add(record.void);
      }
    }
  };
  t.ok(
    untilMet(() => missed().length === 0, live),
    `never met: ${missed()}`,
  );
  t.notOk(quiet.some(type => applied.has(type)));
});

type Make = () => Fold;
const fresh: Make = () => new Fold();

/** Invariant 11: bad bytes never make the fold throw, and two folds agree on what they are. */
function totality(make: Make): void {
  const law = fc.property(history, log => {
    const [one, two] = [make(), make()];
    for (const delivery of log) {
      const records = [one.commit(delivery).records, two.commit(delivery).records];
      const [first, second] = records.map(list => list.map(record => record.void));
      if (String(first) !== String(second)) return false;
    }
    return stateOf(one) === stateOf(two) && one.malformed === two.malformed;
  });
  fc.assert(law, runs(150));
}

t.test('11: the fold never throws on bad bytes, and two folds agree', async t => {
  totality(fresh);
  class Trusting extends Fold {
    override commit(delivery: Delivery) {
      for (const { bytes } of decodeCommit(delivery.bytes)?.events ?? []) unpack(bytes);
      return super.commit(delivery);
    }
  }
  finds(t, () => totality(() => new Trusting()), 'a fold that trusts bytes');
  let count = 0;
  class Moody extends Fold {
    override commit(delivery: Delivery) {
      const commit = super.commit(delivery);
      if (++count % 7 === 0) this.malformed++;
      return commit;
    }
  }
  finds(t, () => totality(() => new Moody()), 'a fold that does not agree with itself');
});

/** Invariant 3: only n + 1 is applied after n. */
function contiguity(make: Make): void {
  const law = fc.property(history, fc.nat(), fc.integer({ min: -3, max: 3 }), (log, at, jump) => {
    fc.pre(jump !== 1);
    const known = log.slice(0, 1 + (at % log.length));
    const fold = folded(known, make());
    const before = stateOf(fold);
    const next = { sequence: known.length + jump, storedAt: 0, bytes: log[0]!.bytes };
    try {
      fold.commit(next);
      return false;
    } catch (error) {
      return error instanceof BrokenHistory && stateOf(fold) === before;
    }
  });
  fc.assert(law, runs(40));
}

t.test('3: the fold applies n + 1 only after n, else the history is broken', async t => {
  contiguity(fresh);
  class Leaping extends Fold {
    override commit(delivery: Delivery) {
      if (delivery.sequence > this.sequence) this.sequence = delivery.sequence - 1;
      return super.commit(delivery);
    }
  }
  finds(t, () => contiguity(() => new Leaping()), 'a fold that skips a hole');
});

t.test('the digest rolls over every commit exactly as it was received', async t => {
  const [log] = fc.sample(history, { numRuns: 1, seed: 7 });
  let digest: Uint8Array = new Uint8Array(32);
  const fold = new Fold();
  for (const delivery of log!) {
    digest = createHash('sha256').update(digest).update(delivery.bytes).digest();
    t.same(fold.commit(delivery).digest, digest);
  }
});

/** The commits of a log as the broker that wrote them knows them: by their bytes. */
function ownCommits(log: readonly Delivery[]) {
  const own = new Map<Uint8Array, OwnCommit>();
  const scout = new Fold();
  for (const delivery of log) {
    const commit = decodeCommit(delivery.bytes);
    const events = scout.commit(delivery).records.map(({ event }) => event);
    // A broker's own events are all well-formed; a commit that was not is decoded.
    if (commit === undefined || events.includes(undefined)) continue;
    own.set(delivery.bytes, { commit, events: events as SignalEvent[] });
  }
  return (bytes: Uint8Array) => own.get(bytes);
}

t.test('own events folded from memory change the same as decoded ones', async () => {
  const law = fc.property(history, log => {
    const unique = log.filter(({ bytes }, i) => {
      const commit = decodeCommit(bytes);
      const same = (other: Delivery) => {
        const earlier = decodeCommit(other.bytes);
        return earlier?.boot === commit?.boot && earlier?.number === commit?.number;
      };
      return log.findIndex(same) === i;
    });
    const renumbered = unique.map((delivery, i) => ({ ...delivery, sequence: i + 1 }));
    const own = ownCommits(renumbered);
    const mine = new Fold();
    for (const delivery of renumbered) mine.commit(delivery, own(delivery.bytes));
    return stateOf(mine) === stateOf(folded(renumbered));
  });
  fc.assert(law, runs(60));
});

t.test('what stands against an event at the door is what voids it in the fold', async () => {
  const law = fc.property(history, log => {
    const known = log.slice(0, -1);
    const fold = folded(known);
    const records = folded(known).commit(log.at(-1)!).records;
    for (const { event, bytes, type, circles } of records) {
      // What has expired by now is gone before anything is judged.
      const idle = encodeCommit({ boot: 'boot_x', number: 1, clock: fold.table.time, events: [] });
      fold.commit({ sequence: fold.sequence + 1, storedAt: fold.table.time, bytes: idle });
      if (event === undefined || !hasKnownWords(event)) continue;
      const { table, sequence } = fold;
      const { id, by } = event;
      const repeated = isBrokerType(event.type)
        ? undefined
        : idObjection(table, id, by, table.time);
      // Where it will stand: a broker’s word must not be ahead of the log.
      const position = (sequence + 1) * limits.commit_positions;
      const fact = { event, position, time: table.time };
      const objection = repeated ?? objectionTo(table, fact);
      // Alone in a commit of a silent boot: the table at the door is the one the fold judges by.
      const mark = { type, circles, bytes };
      const lone = encodeCommit({ boot: 'boot_x', number: 1, clock: table.time, events: [mark] });
      const delivery = { sequence: sequence + 1, storedAt: table.time, bytes: lone };
      const reason = fold.commit(delivery).records[0]?.void;
      if (reason !== (objection && voidReason(objection))) return false;
    }
    return true;
  });
  fc.assert(law, runs(150));
});

t.test('a log of a level above ours is stopped at, however it got there', async t => {
  for (const above of [
    p.opened('log_2', { level: LEVEL + 1, replaces: 'log_1' }),
    leveled(LEVEL + 1),
  ]) {
    const mesh = new Mesh();
    mesh.say(p.opened());
    t.throws(() => mesh.say(above), { message: new RegExp(`has level ${LEVEL + 1}`) });
  }
  const first = p.opened('log_1', { level: LEVEL + 1 });
  t.throws(() => new Mesh().say(first), { message: new RegExp(`has level ${LEVEL + 1}`) });
});

function leveled(level: number) {
  return p.broker('log.leveled', { level });
}
