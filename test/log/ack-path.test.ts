// An append ends in exactly one of stored, refused and unknown, and never claims too much.
import t from 'tap';
import { AckPath } from '../../broker/log/ack-path.js';
import type { Wire, WireMessage, WireWatcher } from '../../broker/log/wire.js';
import { bytesOf } from './log-words.js';

/** A connection on which the test answers the publishes. */
function play(state = { isConnected: true }) {
  const replies: string[] = [];
  const watchers: WireWatcher[] = [];
  let listener: (message: WireMessage) => void = () => {};
  const wire: Wire = {
    isConnected: () => state.isConnected,
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
    close: async () => {},
  };
  const answer = (index: number, text: string): void => {
    listener({ subject: replies[index] ?? '', data: bytesOf(text) });
  };
  return { acks: new AckPath(wire, 'subject'), replies, answer, state, watcher: watchers[0]! };
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
  const { acks, replies, answer, state, watcher } = play({ isConnected: false });
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
