// One winner per ask: of all closes the valid one that stands lowest in the log, for every broker.
import fc from 'fast-check';
import t from 'tap';
import { decodeCommit, encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { Fold } from '../../broker/core/fold.js';
import type { Delivery } from '../../broker/core/words.js';
import * as p from '../dsl/events.js';
import { api, askNo, BOOT, db, GATEWAY, joins, web } from '../dsl/events.js';
import { finds, runs } from '../dsl/histories.js';
import { Mesh } from '../dsl/test-log.js';

interface Close {
  by: p.Person;
  outcome: string;
  /** True when it closes by opening the next ask. */
  replies: boolean;
  /** True when it stands in a commit of its own. */
  alone: boolean;
}

const close: fc.Arbitrary<Close> = fc.record({
  by: fc.constantFrom(web, api, api, db),
  outcome: fc.constantFrom('replied', 'declined', 'cancelled', 'acknowledged'),
  replies: fc.boolean(),
  alone: fc.boolean(),
});

function isValid({ by, outcome, replies }: Close): boolean {
  return by === (outcome === 'cancelled' && !replies ? web : api);
}

function draft({ by, outcome, replies }: Close, n: number): p.Draft {
  const text = `close ${n}`;
  return replies
    ? p.asks(100 + n, by, by === web ? api : web, text, { reply_to: askNo(1) })
    : p.closes(by, 1, outcome, { text });
}

/** The log of two brokers that close the same ask, and where each close stands in it. */
function race(closes: readonly Close[]): Delivery[] {
  const mesh = new Mesh();
  mesh.say(p.opened(), p.started(GATEWAY, BOOT), joins(web), joins(api), joins(db));
  mesh.say(p.asks(1, web, api));
  let batch: p.Draft[] = [];
  for (const [n, one] of closes.entries()) {
    batch.push(draft(one, n));
    if (!one.alone && n < closes.length - 1) continue;
    mesh.say(...batch);
    batch = [];
  }
  return mesh.log;
}

/** Invariant 13: the lowest-position valid close is the only effective one, and all say so. */
function oneWinner(make: () => Fold): void {
  const law = fc.property(fc.array(close, { maxLength: 12, size: 'max' }), closes => {
    const winner = closes.findIndex(isValid);
    const log = race(closes);
    return [make(), make()].every(fold => {
      const verdicts = log.flatMap(delivery => fold.commit(delivery).records).slice(6);
      const effective = verdicts.flatMap((record, n) => (record.void === undefined ? [n] : []));
      const late = verdicts.filter((_, n) => n !== winner && isValid(closes[n]!));
      const { outcome, reply } = fold.table.asks.get(askNo(1))!;
      const won = closes[winner];
      return (
        String(effective) === String(winner < 0 ? [] : [winner]) &&
        late.every(record => record.void === 'ask_closed') &&
        outcome === (won?.replies ? 'replied' : won?.outcome) &&
        reply?.text === (outcome === 'cancelled' || !won ? undefined : `close ${winner}`)
      );
    });
  });
  fc.assert(law, runs(100));
}

t.test(
  '13: the lowest-position valid close is the only effective one, and all report it',
  async t => {
    oneWinner(() => new Fold());
    class LastWins extends Fold {
      override commit(delivery: Delivery) {
        const commit = decodeCommit(delivery.bytes)!;
        const events = delivery.sequence > 2 ? commit.events.toReversed() : commit.events;
        return super.commit({ ...delivery, bytes: encodeCommit({ ...commit, events }) });
      }
    }
    finds(t, () => oneWinner(() => new LastWins()), 'a fold in which the last of a commit wins');
    class Reopening extends Fold {
      override commit(delivery: Delivery) {
        const row = this.table.asks.closed.get(askNo(1));
        if (row) this.table.asks.add({ ...row, state: 'open' });
        if (row) this.table.asks.closed.delete(row.ask);
        return super.commit(delivery);
      }
    }
    finds(t, () => oneWinner(() => new Reopening()), 'a fold in which a later close wins again');
  },
);
