// Upcasting: events of earlier versions are read as the newest; of later ones nothing is known.
import t from 'tap';
import type { OwnCommit } from '../../broker/core/commits/commit-bytes.js';
import { decodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { Fold } from '../../broker/core/fold.js';
import { encodeFrame } from '../../broker/gateway/observe/record-frame.js';
import { decode, unpack } from '../../schemas/codec.js';
import { eventRow, isEvent, readEvent, type SignalEvent } from '../../schemas/event.js';
import type { Upcast } from '../../schemas/events/row.js';
import * as p from '../dsl/events.js';
import { type Draft, joins, web } from '../dsl/events.js';
import { stateOf } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';

/** As if a renaming had said `called` in its first version, and `title` in its second. */
const versions: Upcast[] = [
  { since: 2, from: ({ called }) => ({ title: String(called).toLowerCase() }) },
  { since: 3, from: ({ title }) => ({ name: (title as string).trim() }) },
];

function plant(t: { teardown(undo: () => void): void }): void {
  const row = eventRow('peer.renamed');
  row.upcasts = versions;
  t.teardown(() => {
    row.upcasts = undefined as never;
  });
}

const said = (v: number, data: object) => ({ ...p.says(web, 'peer.renamed', data), v }) as Draft;
const first = said(1, { called: 'ADA' });
const second = said(2, { title: ' bob ' });
const third = said(3, { name: 'cid' });

function meshAt(level: number): Mesh {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level }), p.started(p.GATEWAY, p.BOOT), joins(web));
  return mesh;
}
const nameIn = ({ table }: { table: Fold['table'] }) => table.peers.rows.get(web.peer)?.name;

t.test('an event of any version folds as the newest', async t => {
  plant(t);
  const mesh = meshAt(3);
  for (const [draft, name] of [
    [first, 'ada'],
    [second, 'bob'],
    [third, 'cid'],
  ] as const) {
    t.equal(mesh.one(draft).void, undefined);
    t.equal(nameIn(mesh), name);
  }
});

t.test('a version is known from its level on, and below it malformed', async t => {
  plant(t);
  const verdicts = (level: number) => {
    const mesh = meshAt(level);
    return [first, second, third].map(draft => mesh.one(draft).void);
  };
  t.same(verdicts(1), [undefined, 'malformed', 'malformed']);
  t.same(verdicts(2), [undefined, undefined, 'malformed']);
  t.same(verdicts(3), [undefined, undefined, undefined]);
});

t.test(
  'a version that is newer than the code folds to nothing, as an unknown kind does',
  async t => {
    const odd = [second, third, said(0, { name: 'x' }), said(1.5, { name: 'x' })];
    const kinds = { type: 'peer.bowed', v: 1, by: web.peer, token: web.token, circle: 'default' };
    const mesh = meshAt(3);
    for (const draft of [...odd, kinds as unknown as Draft]) {
      t.equal(mesh.one(draft).void, 'malformed');
    }
    t.equal(mesh.fold.malformed, odd.length + 1);
    t.equal(nameIn(mesh), web.name);
  },
);

t.test('what an upcast stumbles over is malformed, and so is what comes out short', async t => {
  plant(t);
  const mesh = meshAt(3);
  t.equal(mesh.one(said(2, { title: 7 })).void, 'malformed', 'it throws');
  t.equal(mesh.one(said(3, { title: 'x' })).void, 'malformed', 'no version after it to name it');
  const event = { ...mesh.stamp(first), called: 'Eve' } as unknown as SignalEvent;
  t.match(readEvent(event), { v: 1, name: 'eve', by: web.peer });
  t.notOk(isEvent(event), 'only the newest is one as it stands');
});

t.test('a broker folds what it wrote itself as others read it', async t => {
  plant(t);
  const mesh = meshAt(3);
  mesh.say(first, second, third);
  const mine = new Fold();
  const own = (bytes: Uint8Array): OwnCommit | undefined => {
    const commit = decodeCommit(bytes);
    const events = commit?.events.map(each => unpack(each.bytes) as SignalEvent) ?? [];
    return commit && ({ commit, events } as unknown as OwnCommit);
  };
  for (const delivery of mesh.log) mine.commit(delivery, own(delivery.bytes));
  t.equal(stateOf(mine), stateOf(mesh.fold));
});

t.test('an observer is told of it as it was written, in both encodings', async t => {
  plant(t);
  const record = meshAt(3).one(first);
  const told = (['json', 'msgpack'] as const).map(encoding => {
    const envelope = { subscription: 's', after: 'a', to: 'b', live: true };
    return decode(encoding, encodeFrame(encoding, envelope, [{ time: p.T0, record }]).body);
  });
  t.match(told[0], [[record.position, p.T0, { v: 1, called: 'ADA', name: undefined }]]);
  t.same(told[1], told[0]);
});
