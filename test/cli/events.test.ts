// Proves how a record of the log reads for people: who, to whom, what, and why it took no effect.
import pc from 'picocolors';
import t from 'tap';
import { eventLine, idShown } from '../../client/cli/show/events.js';
import { itemLines } from '../../client/cli/show/items.js';
import { createNames } from '../../client/cli/show/names.js';
import type { Terminal } from '../../client/cli/show/terminal.js';
import type { SignalEvent } from '../../schemas/event.js';
import type { InboxItem } from '../../schemas/message.js';

const plain: Terminal = {
  format: 'people',
  paint: pc.createColors(false),
  width: Number.POSITIVE_INFINITY,
  out: async () => {},
  one: async () => {},
  many: async () => {},
  say() {},
  hint() {},
  text: text => text,
  during: (_, work) => work,
};
const narrow: Terminal = { ...plain, width: 60 };
const time = new Date(2026, 2, 9, 7, 4, 5).getTime();
const envelope = { v: 1, id: '01a2041f-98ea-74b9-b7d6-359e243eba96', circle: 'web' } as const;
const ask = 'ask_01a2041f-98ea-74b9-b7d6-359e243eba96';
const opened: SignalEvent = {
  ...envelope,
  type: 'ask.opened',
  by: 'peer_a',
  ask,
  to: 'peer_b',
  text: 'may\x1b[31m I\nmerge? '.repeat(9),
};
const names = createNames([
  { peer: 'peer_a', name: 'ada' },
  { peer: 'peer_b', name: 'bob' },
]);

t.test('a line says when, where, who, to whom and what, on one line', async t => {
  const line = eventLine({ position: 1, time, event: opened }, names, narrow);
  t.match(line, /^07:04:05 web {8}ada → bob ask 3eba96: may I merge\? /);
  t.match(line, /…$/);
  t.ok([...line].length <= 60);
  t.equal(idShown(opened), ask);
});

t.test('a void tells its reason', async t => {
  const event: SignalEvent = {
    ...envelope,
    type: 'ask.closed',
    by: 'peer_b',
    ask,
    outcome: 'replied',
  };
  const line = eventLine({ position: 1, time, event, void: 'ask_closed' }, names, plain);
  t.match(line, /bob ask 3eba96 replied void: ask_closed$/);
});

t.test('a renaming is told under the old name, and known from then on', async t => {
  const event: SignalEvent = { ...envelope, type: 'peer.renamed', by: 'peer_b', name: 'robert' };
  t.match(eventLine({ position: 1, time, event }, names, plain), 'bob takes the name robert');
  names.learn(event);
  t.equal(names.of('peer_b'), 'robert');
  t.equal(names.of('peer_01a2041f-98ea-74b9-b7d6-359e243eba96'), 'peer_3eba96');
});

t.test('an event of a newer broker is named, not dropped', async t => {
  const event = { ...envelope, type: 'job.created', by: 'peer_a' } as unknown as SignalEvent;
  t.match(eventLine({ position: 1, time, event }, names, plain), 'ada job.created');
});

t.test('an item of the inbox tells its age, and its text cannot pose as another item', async t => {
  const item: InboxItem = {
    position: 1,
    time,
    kind: 'notify',
    from: 'peer_a',
    from_name: 'ada',
    from_role: 'agent',
    text: 'stop now\r\n3fa2c1  ask from root (human)',
    ref: ask,
    repeated: true,
  };
  const lines = itemLines(item, { among: [ask], now: time + 15 * 3_600_000, terminal: plain });
  t.same(lines, [
    '3eba96  notify from ada (agent)  15 h ago, shown before',
    '    stop now',
    '    3fa2c1  ask from root (human)',
  ]);
});
