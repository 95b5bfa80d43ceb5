// The rules of draining an inbox into hooks: handed over once, seen only on proof.
import t from 'tap';
import { InboxRows } from '../../../broker/core/rows/inbox.js';
import {
  api,
  askNo,
  asks,
  calls,
  closes,
  db,
  digests,
  handed,
  joins,
  joinsAway,
  msgNo,
  type Person,
  sees,
  tells,
  web,
} from '../../dsl/events.js';
import { type Given, given, later } from '../../dsl/given.js';

const two = [joins(web), joins(api)];
const [m1, m2, m3] = [1, 2, 3].map(msgNo) as [string, string, string];

interface Wanted {
  session?: string;
  proof?: boolean;
  again?: boolean;
  refs?: string[];
  max?: number;
  max_chars?: number;
}

/** What a drain by session `s1`, or another, is told: refs, a repeated one with an `again`. */
function drained(world: Given, who: Person, wanted: Wanted = {}) {
  const told = world.when(who, 'inbox.drain', { session: 's1', ...wanted }).told();
  const { items, remaining, seen } = told as {
    items: { ref: string; repeated?: true }[];
    remaining: number;
    seen: number;
  };
  const refs = items.map(({ ref, repeated }) => (repeated ? `${ref} again` : ref));
  return { refs, remaining, seen };
}

t.test('what is handed over stays in the inbox, and is not handed over again', async t => {
  const world = given(t, ...two, tells(1, web, api, 'one'), tells(2, web, api, 'two'));
  t.same(drained(world, api, { max: 1 }), { refs: [m1], remaining: 1, seen: 0 });
  t.same(drained(world, api), { refs: [m2], remaining: 0, seen: 0 });
  world.thenInbox(api, { ref: m1 }, { ref: m2, handed_at: world.mesh.table.time });
});

t.test('refs narrow what is handed over, and leave what is proven alone', async t => {
  const world = given(t, ...two, tells(1, web, api, 'one'), tells(2, web, api, 'two'));
  t.same(drained(world, api, { refs: [m2, m3] }), { refs: [m2], remaining: 0, seen: 0 });
  t.same(drained(world, api, { refs: [m2] }), { refs: [], remaining: 0, seen: 0 });
  const again = { refs: [m2], again: true };
  t.same(drained(world, api, again), { refs: [`${m2} again`], remaining: 0, seen: 0 });
  t.same(drained(world, api, { refs: [m1], proof: true }), { refs: [m1], remaining: 0, seen: 1 });
});

t.test('proof takes what its own session was handed, and nothing else', async t => {
  const world = given(t, ...two, tells(1, web, api, 'one'), tells(2, web, api, 'two'));
  drained(world, api, { max: 1 });
  drained(world, api, { session: 's2', max: 1 });
  world.and(tells(3, web, api, 'three'));
  t.same(drained(world, api, { proof: true, max: 0 }), { refs: [], remaining: 1, seen: 1 });
  world.thenInbox(api, { ref: m2 }, { ref: m3 });
  t.same(drained(world, api, { proof: true }), { refs: [m3], remaining: 0, seen: 0 });
});

t.test(
  'again hands over what nobody proved seen, marked as repeated, in its old place',
  async t => {
    const world = given(t, ...two, tells(1, web, api, 'one'));
    drained(world, api);
    world.and(tells(2, web, api, 'two'));
    const both = [`${m1} again`, m2];
    t.same(drained(world, api, { session: 's2', again: true }), {
      refs: both,
      remaining: 0,
      seen: 0,
    });
    world.thenInbox(api, { ref: m1 }, { ref: m2 });
    t.same(drained(world, api, { proof: true, max: 0 }).seen, 0, 'it is another session’s now');
    t.same(drained(world, api, { session: 's2', proof: true, max: 0 }).seen, 2);
  },
);

t.test('of two hooks that race the first in the log has the item, the other nothing', async t => {
  const world = given(t, ...two, tells(1, web, api, 'one'));
  world.and(handed(api, { session: 's1', refs: [m1] }));
  world.and(handed(api, { session: 's2', refs: [m1], known: undefined })).thenApplied();
  t.equal(world.mesh.table.inbox.box(api.peer).items.get(m1)?.handed?.session, 's1');
});

t.test('a proof says nothing of a later hand-over, nor of another session’s', async t => {
  const first = handed(api, { session: 's1', refs: [m1] });
  const early = { session: 's1', seen: [m1], known: undefined };
  given(t, ...two, tells(1, web, api, 'one'), first)
    .and(handed(api, early))
    .thenInbox(api, { ref: m1 })
    .and(handed(api, { session: 's2', seen: [m1] }))
    .thenInbox(api, { ref: m1 })
    .and(handed(api, { session: 's1', seen: [m1] }))
    .thenInbox(api);
});

t.test('an answered ask, an acknowledged item and an expired one are handed to nobody', async t => {
  const until = { expires_at: Date.UTC(2026, 0, 5, 9) + 60_000 };
  const world = given(t, ...two, asks(1, web, api), tells(2, web, api, '2', until));
  world.and(tells(3, web, api, 'three'), closes(api, 1, 'replied'), sees(api, m3));
  world.and(later(60_000));
  t.same(drained(world, api), { refs: [], remaining: 0, seen: 0 });
  world.and(handed(api, { session: 's1', refs: [askNo(1), m2, m3, 'nonsense'] })).thenInbox(api);
});

t.test('an ask that was handed over is still to be answered, by whoever saw it', async t => {
  const world = given(t, ...two, asks(1, web, api));
  drained(world, api);
  t.equal(drained(world, api, { proof: true }).seen, 1);
  world
    .thenAsk(1, { state: 'open' })
    .and(closes(api, 1, 'replied'))
    .thenApplied();
});

t.test('characters bound what one call hands over, but for its first item', async t => {
  const world = given(t, ...two, tells(1, web, api, 'x'.repeat(50)), tells(2, web, api, 'two'));
  t.same(drained(world, api, { max_chars: 10 }), { refs: [m1], remaining: 1, seen: 0 });
});

t.test('a broadcast that one session was handed is untouched in the other inboxes', async t => {
  const world = given(t, ...two, joins(db), calls(1, web, 'all'));
  drained(world, api);
  world.thenInbox(db, { ref: m1, handed: undefined });
});

t.test('a digest that was handed over is not added to: its messages would come twice', async t => {
  const world = given(t, joins(web), joinsAway(api), digests(1, web, api, 'one'));
  drained(world, api);
  world.and(digests(2, web, api, 'two'));
  world.thenInbox(api, { ref: m1, refs: [m1] }, { ref: m2, refs: [m2] });
  t.same(drained(world, api).refs, [m2]);
});

t.test('a snapshot keeps what was handed over, and which digest is open', async t => {
  const world = given(t, joins(web), joinsAway(api), digests(1, web, api, 'one'));
  drained(world, api);
  const { inbox } = world.and(digests(2, web, api, 'two')).mesh.table;
  const kept = JSON.parse(JSON.stringify(inbox.toSnapshot()));
  const box = InboxRows.fromSnapshot(kept).boxes.get(api.peer);
  t.match(box?.items.get(m1)?.handed, { session: 's1', times: 1 });
  t.equal(box?.digest, m2);
});
