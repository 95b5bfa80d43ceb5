// An append ends in exactly one of stored, refused and unknown, and never claims too much.
import t from 'tap';
import { AckPath } from '../../broker/log/ack-path.js';
import type { Wire, WireMessage, WireWatcher } from '../../broker/log/wire.js';
import { bytesOf } from './log-words.js';

/** A connection on which the test answers the publishes. */
function play(state = { isConnected: true, isClustered: false }) {
  const replies: string[] = [];
  const stored: number[] = [];
  const watchers: WireWatcher[] = [];
  let listener: (message: WireMessage) => void = () => {};
  const wire: Wire = {
    isConnected: () => state.isConnected,
    isClustered: () => state.isClustered,
    publish: (_, __, options) => replies.push(options?.reply ?? ''),
    subscribe(_, onMessage) {
      listener = onMessage;
      return () => {};
    },
    call: () => Promise.reject(new Error('not asked for')),
    inbox: () => 'inbox',
    watch(watcher) {
      watchers.push(watcher);
      return () => {};
    },
    api: path => path,
    leave() {},
    close: async () => {},
  };
  const answer = (index: number, text: string): void => {
    listener({ subject: replies[index] ?? '', data: bytesOf(text) });
  };
  return {
    acks: new AckPath({ wire, subject: 'subject', onStored: n => stored.push(n) }),
    replies,
    stored,
    answer,
    state,
    watcher: watchers[0]!,
  };
}

const full =
  '{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},"seq":0}';

t.test('a store that is full refuses', async t => {
  const { acks, answer } = play();
  const append = acks.append('a', bytesOf('a'));
  answer(0, full);
  t.match(await append, { outcome: 'refused', reason: /maximum bytes exceeded/ });
});

t.test('a refusal after an unanswered attempt stays unknown until it is stored', async t => {
  const { acks, answer, watcher } = play();
  const first = acks.append('a', bytesOf('a'));
  watcher.down();
  t.match(await first, { outcome: 'unknown', reason: /connection/ });
  const second = acks.append('a', bytesOf('a'));
  answer(1, full);
  t.match(await second, { outcome: 'unknown', reason: /maximum bytes exceeded/ });
  const third = acks.append('a', bytesOf('a'));
  answer(2, '{"stream":"S","seq":4,"duplicate":true}');
  t.same(await third, { outcome: 'stored', sequence: 4, duplicate: true });
});

t.test('a failed write, no stream and nonsense are unknown', async t => {
  const { acks, answer } = play();
  const failed = '{"error":{"code":503,"err_code":10077,"description":"no space left on device"}}';
  for (const [index, text] of [failed, '', 'nonsense'].entries()) {
    const append = acks.append(`id-${index}`, bytesOf('a'));
    answer(index, text);
    t.match(await append, { outcome: 'unknown' }, text);
  }
});

t.test('an append made while the connection is down is sent when it is back', async t => {
  const { acks, replies, answer, state, watcher } = play({
    isConnected: false,
    isClustered: false,
  });
  const append = acks.append('a', bytesOf('a'));
  watcher.down();
  t.same(replies, []);
  state.isConnected = true;
  watcher.up();
  answer(0, '{"stream":"S","seq":1}');
  t.same(await append, { outcome: 'stored', sequence: 1, duplicate: false });
});

t.test('only a denial of its own subject refuses', async t => {
  const { acks, watcher } = play();
  const append = acks.append('a', bytesOf('a'));
  watcher.denied('another');
  watcher.denied('subject');
  t.match(await append, { outcome: 'refused', reason: /may not publish to subject/ });
});

t.test('what is sent again settles by its first answer, and is refused no more', async t => {
  const { acks, replies, stored, answer } = play({ isConnected: true, isClustered: true });
  const lost = acks.append('a', bytesOf('a'));
  acks.sendAgain();
  t.equal(replies.length, 2, 'the same bytes under the same id');
  answer(1, full);
  t.match(await lost, { outcome: 'unknown', reason: /maximum bytes exceeded/ });
  const kept = acks.append('b', bytesOf('b'));
  acks.sendAgain();
  const underway = '{"error":{"code":409,"err_code":10158,"description":"duplicate in process"}}';
  answer(3, underway);
  answer(2, '{"stream":"S","seq":7}');
  t.same(await kept, { outcome: 'stored', sequence: 7, duplicate: false });
  t.same(stored, [7]);
});

t.test('nobody there to take it is no failure: a cluster may be electing its leader', async t => {
  const { acks, answer } = play({ isConnected: true, isClustered: true });
  const leaderless = '{"error":{"code":503,"err_code":10008,"description":"unavailable"}}';
  for (const [index, text] of ['', leaderless].entries()) {
    const append = acks.append(`id-${index}`, bytesOf('a'));
    answer(index, text);
    t.match(await append, { outcome: 'unknown', cause: 'absent' }, text);
  }
});
