// Proves how a record of the log reads for people: who, to whom, what, and why it took no effect.
import pc from 'picocolors';
import t from 'tap';
import { eventLine, idShown } from '../../client/terminal/events.js';
import { itemLines } from '../../client/terminal/items.js';
import { createNames } from '../../client/terminal/names.js';
import type { Terminal } from '../../client/terminal/terminal.js';
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
  t.match(line, /^07:04:05 \S+ web {8}ada → bob ask 3eba96: may I merge\? /);
  t.match(line, /…$/);
  t.ok([...line].length <= 60);
  t.equal(idShown(opened), ask);
});

t.test('what peers do beside talking reads as a sentence, too', async t => {
  const job = ask.replace('ask', 'job');
  const schedule = ask.replace('ask', 'sched');
  const said: [Partial<SignalEvent>, string][] = [
    [
      { type: 'ask.fanned_out', group: ask, to: ['peer_a', 'peer_b'], text: 'ready?' },
      'ada → 2 peers ask 3eba96: ready?',
    ],
    [
      { type: 'ask.closed', ask, outcome: 'replied', option: 'blue' },
      'ada ask 3eba96 replied (blue)',
    ],
    [{ type: 'job.created', job, title: 'Fix', kind: 'fix' }, 'ada → who does fix job 3eba96: Fix'],
    [
      { type: 'job.created', job, title: 'Fix', kind: 'fix', to: 'peer_b' },
      'ada → bob job 3eba96: Fix',
    ],
    [{ type: 'job.claimed', job }, 'ada claimed job 3eba96'],
    [
      { type: 'job.updated', job, attempt: 1, state: 'awaiting_input', note: 'the key?' },
      'ada job 3eba96 awaiting input: the key?',
    ],
    [{ type: 'job.updated', job, attempt: 1, progress: 0.5 }, 'ada job 3eba96 50%'],
    [{ type: 'job.updated', job, attempt: 1 }, 'ada renewed job 3eba96'],
    [
      { type: 'job.finished', job, attempt: 1, outcome: 'failed', summary: 'no' },
      'ada job 3eba96 failed: no',
    ],
    [{ type: 'job.due', job, due_at: 1 }, 'job 3eba96 is due'],
    [{ type: 'job.due', job, due_at: 1, next_at: 2 }, 'job 3eba96 is due: run 3eba96'],
    [
      { type: 'job.due', job, due_at: 1, skipped: 'overlap' },
      'job 3eba96 is due, but skipped: overlap',
    ],
    [{ type: 'job.lapsed', job, attempt: 2 }, 'job 3eba96: the lease of attempt 2 ended'],
    [
      { type: 'schedule.fired', schedule, nominal_at: time - 3 },
      'schedule 3eba96 fired 3 ms after its time: 3eba96',
    ],
    [
      { type: 'schedule.skipped', schedule, count: 3, reason: 'missed' },
      'schedule 3eba96 skipped 3 times: missed',
    ],
    [
      { type: 'review.requested', pr_url: 'https://x/1', of: 'peer_b' },
      'ada → bob review https://x/1',
    ],
    [
      { type: 'usage.budgeted', peer: 'peer_b', tokens_per_day: 5, cost_usd_per_day: 2 },
      'ada set the budget of bob: 5 tokens, $2',
    ],
    [{ type: 'usage.budgeted' }, 'ada set the budget of circle web: none'],
  ];
  for (const [fields, sentence] of said) {
    const event = { ...envelope, by: 'peer_a', ...fields } as SignalEvent;
    const line = eventLine({ position: 1, time, event }, names, plain);
    t.equal(line.replace(/^(\S+) \S+/, '$1'), `07:04:05 web        ${sentence}`);
  }
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
  const event = { ...envelope, type: 'lamp.lit', by: 'peer_a' } as unknown as SignalEvent;
  t.match(eventLine({ position: 1, time, event }, names, plain), 'ada lamp.lit');
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
