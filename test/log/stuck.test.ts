// A store that fails is healed by starting its server anew: at once with the space, else rarely.
import { mock } from 'node:test';
import t from 'tap';
import { StuckStore } from '../../broker/log/stuck.js';
import { limits } from '../../schemas/limits.js';

function store() {
  const state = { isFull: false, now: 0 };
  const restarts: string[] = [];
  const warnings: string[] = [];
  const stuck = new StuckStore({
    server: { restart: async reason => void restarts.push(reason) },
    clock: { now: () => state.now, elapsed: () => state.now },
    isFull: () => state.isFull,
    onWarning: line => warnings.push(line),
  });
  const pass = (ms: number) => {
    state.now += ms;
    mock.timers.tick(ms);
  };
  return { state, restarts, warnings, stuck, pass };
}

t.beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
t.afterEach(() => mock.timers.reset());

t.test('while the disk is full nothing is restarted; once there is space, at once', async t => {
  const { state, restarts, warnings, stuck, pass } = store();
  state.isFull = true;
  for (let n = 0; n < 20; n++) {
    stuck.failed('the log did not answer in time');
    pass(5_000);
  }
  t.same([restarts.length, warnings.length], [0, 1], 'and said once');
  state.isFull = false;
  pass(limits.stuck_look_ms);
  t.match(restarts, [/space again/]);
  pass(60_000);
  t.equal(restarts.length, 1, 'once');
  state.isFull = true;
  stuck.failed('the log did not answer in time');
  state.isFull = false;
  pass(limits.stuck_look_ms);
  t.equal(restarts.length, 2, 'again when it was full again, however soon');
});

t.test('a store that fails for another reason is started anew now and then', async t => {
  const { restarts, stuck, pass } = store();
  for (let n = 0; n < 12; n++) {
    stuck.failed('the log store says: broken');
    pass(limits.stuck_restart_every_ms / 4);
  }
  t.equal(restarts.length, 3);
});

t.test('the stream’s own limit is no reason, and what is closed looks no more', async t => {
  const { state, restarts, stuck, pass } = store();
  stuck.failed('the log store says: maximum bytes exceeded');
  state.isFull = true;
  stuck.failed('no answer');
  stuck.close();
  state.isFull = false;
  pass(60_000);
  t.same(restarts, []);
});
