// The tail trusts its consumer only as far as sequence numbers and heartbeats bear it out.
import t, { type Test } from 'tap';
import { Tail } from '../../../broker/log/following/tail.js';
import type { Wire, WireMessage } from '../../../broker/log/wire.js';
import { systemClock } from '../../../broker/system/clock.js';
import { limits } from '../../../schemas/limits.js';

interface Play {
  wire: Wire;
  /** The first sequence each consumer was asked to bring. */
  starts: number[];
  published: string[];
  calls: string[];
  send(message: Partial<WireMessage>): void;
  commit(sequence: number, time?: number): void;
}

/** A connection on which the test speaks for the server. */
function play(lastSequence: () => number, { isClustered = false, creates = true } = {}): Play {
  const starts: number[] = [];
  const published: string[] = [];
  const calls: string[] = [];
  let listener: ((message: WireMessage) => void) | null = null;
  const answers: Record<string, () => unknown> = {
    CREATE: () => (creates ? { name: 'tail' } : new Promise(() => {})),
    INFO: () => ({ state: { last_seq: lastSequence() } }),
    DELETE: () => ({}),
  };
  const wire: Wire = {
    isConnected: () => true,
    isClustered: () => isClustered,
    publish: subject => published.push(subject),
    subscribe(_, onMessage) {
      listener = onMessage;
      return () => {
        if (listener === onMessage) listener = null;
      };
    },
    async call<Answer>(path: string, body?: { seq?: number; config?: { opt_start_seq?: number } }) {
      calls.push(path);
      if (body?.config?.opt_start_seq) starts.push(body.config.opt_start_seq);
      if (path === 'STREAM.MSG.GET.S') return { message: stored(body?.seq ?? 0) } as Answer;
      return answers[path.split('.')[1] ?? '']?.() as Answer;
    },
    inbox: () => 'inbox',
    watch: () => () => {},
    api: path => path,
    leave() {},
    close: async () => {},
  };
  const send = (message: Partial<WireMessage>): void => {
    listener?.({ subject: 'inbox', data: new Uint8Array(0), ...message });
  };
  const commit = (sequence: number, time = sequence): void => {
    send({ reply: `$JS.ACK.S.C.1.${sequence}.1.${1_795_363_800_795 + time}000000.0` });
  };
  return { wire, starts, published, calls, send, commit };
}

/** As the server tells a single message: its time has as many digits as it needs. */
function stored(seq: number) {
  const time = new Date(1_795_363_800_795 + seq).toISOString().replace(/0*Z$/, 'Z');
  return { seq, time, data: Buffer.from(`commit ${seq}`).toString('base64') };
}

function follow(t: Test, server: Play, from = 1) {
  const got: number[] = [];
  const broken: string[] = [];
  const tail = new Tail({
    wire: server.wire,
    stream: 'S',
    from,
    clock: systemClock,
    handlers: {
      onCommit: commit => got.push(commit.sequence),
      onBroken: reason => broken.push(reason),
    },
    onHeard() {},
    onNotice() {},
  });
  t.teardown(() => tail.stop());
  return { got, broken, tail };
}

function heartbeat(headers: Record<string, string>): Partial<WireMessage> {
  return { headers: { code: 100, get: key => headers[key] ?? '' } };
}

t.test('a commit lost on the way is asked for again, from the last one that came', async t => {
  const server = play(() => 5);
  const { got, broken } = follow(t, server);
  server.commit(1);
  server.commit(2);
  server.commit(4);
  t.same(server.starts, [1, 2]);
  server.commit(2);
  server.commit(3);
  server.commit(4);
  t.same(got, [1, 2, 3, 4]);
  t.same(broken, []);
});

t.test('a heartbeat that knows of more than came makes it listen anew', async t => {
  const server = play(() => 5);
  follow(t, server);
  server.commit(1);
  server.send(heartbeat({ 'Nats-Last-Stream': '1' }));
  t.same(server.starts, [1]);
  server.send(heartbeat({ 'Nats-Last-Stream': '2' }));
  t.same(server.starts, [1, 1]);
});

t.test(
  'flow control is answered, also when the request got lost and only a stall shows',
  async t => {
    const server = play(() => 5);
    follow(t, server);
    server.send({ ...heartbeat({}), reply: '$JS.FC.one' });
    server.send(heartbeat({ 'Nats-Consumer-Stalled': '$JS.FC.two' }));
    t.same(server.published, ['$JS.FC.one', '$JS.FC.two']);
  },
);

t.test('a hole in the log itself breaks it', async t => {
  const server = play(() => 5);
  const { got, broken } = follow(t, server);
  server.commit(2);
  server.commit(3);
  t.same(got, []);
  t.same(broken, ['commit 1 is missing before 2: history was lost or replaced']);
});

t.test('2: the last commit coming back with another time breaks it', async t => {
  const server = play(() => 5);
  const { got, broken } = follow(t, server);
  server.commit(1);
  server.commit(3);
  server.commit(1, 77);
  server.commit(2);
  t.same(got, [1]);
  t.match(broken, [/commit 1 is not the one/]);
});

t.test('earlier commits than asked for are passed over', async t => {
  const server = play(() => 9);
  const { got, broken } = follow(t, server, 5);
  for (const sequence of [3, 4, 5, 6]) server.commit(sequence);
  t.same(got, [5, 6]);
  t.same(broken, []);
});

t.test('a log that is too short once is looked at again before it is called broken', async t => {
  let end = 3;
  const server = play(() => end++);
  const { broken } = follow(t, server, 6);
  while (server.calls.filter(call => call === 'STREAM.INFO.S').length < 3) {
    await new Promise(resolve => setImmediate(resolve));
  }
  await new Promise(resolve => setImmediate(resolve));
  t.same(broken, []);
});

t.test('a store that claims more than it ever brings is broken, after a bounded wait', async t => {
  const server = play(() => 9);
  const { got, broken } = follow(t, server);
  server.commit(1);
  for (let tries = 1; tries < limits.empty_tries; tries++) {
    server.send(heartbeat({ 'Nats-Last-Stream': '9' }));
    t.same(broken, []);
  }
  server.commit(1);
  server.commit(2);
  server.send(heartbeat({ 'Nats-Last-Stream': '9' }));
  t.same([got, broken], [[1, 2], []], 'what it brings in between gives it time again');
  for (let tries = 1; tries < limits.empty_tries; tries++) {
    server.send(heartbeat({ 'Nats-Last-Stream': '9' }));
  }
  t.match(broken, [/claims commit 9, but brings none after 2/]);
});

t.test('in a cluster, commits come one by one while no consumer can be made', async t => {
  const server = play(() => 3, { isClustered: true, creates: false });
  const { got, tail } = follow(t, server);
  tail.expect(3);
  while (got.length < 3) await new Promise(resolve => setImmediate(resolve));
  t.same(got, [1, 2, 3]);
  server.commit(1);
  server.commit(2);
  server.commit(3);
  server.commit(4);
  t.same(got, [1, 2, 3, 4], 'the consumer goes on behind them');
});

t.test('2: what came one by one is compared with what the consumer brings of it', async t => {
  const server = play(() => 2, { isClustered: true, creates: false });
  const { got, broken, tail } = follow(t, server);
  tail.expect(2);
  while (got.length < 2) await new Promise(resolve => setImmediate(resolve));
  server.commit(1);
  server.commit(2, 77);
  t.match(broken, [/commit 2 is not the one/]);
});
