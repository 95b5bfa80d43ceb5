// What a broker says of its clocks: only what is off, once, and once more when it is over.
import t from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { Warnings } from '../../broker/runtime/health/warnings.js';
import { MeshTime } from '../../broker/system/mesh-time.js';
import { skewCheck } from '../../broker/system/skew.js';

t.test('clocks within five seconds agree, what is further apart is named', async t => {
  const said = (store_ms: number, log_ms = 0) => skewCheck({ store_ms, log_ms });
  t.match(said(5_000), { ok: true, detail: /agrees/ });
  t.match(said(-5_000), { ok: true });
  t.match(said(5_001), { ok: false, detail: /5\.001 s ahead of the log store's/ });
  t.match(said(-3_600_000), { ok: false, detail: /3600 s behind the log store's/ });
  t.match(said(0, 3_600_000), { ok: false, detail: /agrees.*; log time is 3600 s ahead/ });
  t.match(said(0, -540_000), { ok: true }, 'log time behind a store that runs ahead');
});

t.test('a disagreement is warned of once, and its end once', async t => {
  const warned: string[] = [];
  let wrong = 0;
  const clock = new MeshTime({ now: () => 1_000_000 + wrong, elapsed: () => 0 });
  const warnings = new Warnings({ fold: new Fold(), clock, onWarning: line => warned.push(line) });
  const look = (ms: number) => {
    wrong = ms;
    clock.returned({ clock: 1_000_000 + ms }, 1_000_000);
    for (let n = 0; n < 3; n++) warnings.tick();
  };
  look(0);
  t.same(warned, []);
  look(120_000);
  t.match(warned, [/120 s ahead .*set the clocks/]);
  look(0);
  t.match(warned, [/./, /agrees/]);
  t.equal(warned.length, 2);
});
