// Who was away is told exactly what its filter selects, and holds each view as it was.
import t from 'tap';
import { chanceFrom, seedOf } from '../dsl/chance.js';
import { memoryMesh, realMesh } from '../dsl/restartable.js';
import { attendAll } from './absent.js';

const RUNS = Number(process.argv[2] ?? 1);
const TURNS = process.argv[2] === undefined ? 40 : 150;

for (let run = 0; run < RUNS; run++) {
  const kind = run % 10 === 9 ? 'a real store' : 'a store in memory';
  t.test(`16: observers on two brokers that restart, on ${kind}, run ${run}`, async t => {
    const seed = seedOf(t) + run;
    const mesh = kind === 'a real store' ? realMesh : memoryMesh;
    const { observers, mirrors, sessions, records } = await attendAll(
      await mesh(t, 2),
      chanceFrom(seed),
      TURNS,
    );
    t.comment(`${sessions} sessions, ${records} records`);
    for (const { told, owed } of observers) t.strictSame(told, owed);
    for (const { watch, checks } of mirrors) {
      for (const { held, past } of checks) t.same(held, past, JSON.stringify(watch));
      t.ok(checks.length > 0, 'a mirror was compared with view.at');
    }
  });
}
