// The heartbeat of a connection: silence ends it as fast as ever, slowness never does.
import { mock } from 'node:test';
import t from 'tap';
import { watchPulse } from '../../../broker/log/following/pulse.js';
import { limits } from '../../../schemas/limits.js';

t.beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'setImmediate'] }));
t.afterEach(() => mock.timers.reset());

/** A connection whose pings are never answered, and how often it was given up. */
function silent() {
  const state = { left: 0, count: 0, isConnected: true };
  watchPulse({
    isConnected: () => state.isConnected,
    received: () => state.count,
    ping: () => new Promise(() => {}),
    leave: () => {
      state.left += 1;
    },
  });
  const pass = (times: number, messages = 0): void => {
    for (let n = 0; n < times; n++) {
      state.count += messages;
      mock.timers.tick(limits.store_ping_ms);
      mock.timers.tick(0);
    }
  };
  return { state, pass };
}

t.test('a server that says nothing is given up at the third ping', async t => {
  const { state, pass } = silent();
  pass(limits.store_ping_tries);
  t.equal(state.left, 0);
  pass(1);
  t.equal(state.left, 1);
});

t.test('whatever comes is a sign of life, though no ping is answered', async t => {
  const { state, pass } = silent();
  pass(20, 1);
  t.equal(state.left, 0);
  pass(limits.store_ping_tries);
  t.equal(state.left, 1, 'from the last message on it is as for any other');
});

t.test('a connection that is being made again is not given up', async t => {
  const { state, pass } = silent();
  state.isConnected = false;
  pass(9);
  t.equal(state.left, 0);
});
