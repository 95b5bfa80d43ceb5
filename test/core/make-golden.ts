// Makes the golden log of the newest level, and writes it over the one there is.
import fc from 'fast-check';
import { Fold } from '../../broker/core/fold.js';
import { LEVEL } from '../../broker/core/levels.js';
import type { Delivery } from '../../broker/core/words.js';
import * as p from '../dsl/events.js';
import { anyWord, api, type Draft, web } from '../dsl/events.js';
import * as j from '../dsl/events-jobs.js';
import { forgets, moved, observed, site, touches } from '../dsl/events-reviews.js';
import { plans } from '../dsl/events-schedules.js';
import { goldenOf, writeGolden } from '../dsl/golden.js';
import { history } from '../dsl/histories.js';
import { Mesh } from '../dsl/test-log.js';

const SAMPLES = { numRuns: 2_000, seed: LEVEL };

/** Of hostile random histories the liveliest: every kind takes effect, each noun fails its ways. */
function hostile(): Delivery[][] {
  const lively = fc
    .sample(history, SAMPLES)
    .map(log => ({ log, shown: shownBy(log) }))
    .sort((a, b) => b.shown.size - a.shown.size);
  const seen = new Set<string>();
  const kept = lively.filter(({ shown }) => {
    const before = seen.size;
    for (const verdict of shown) seen.add(verdict);
    return seen.size > before;
  });
  return kept.map(({ log }) => log);
}

function shownBy(log: readonly Delivery[]): Set<string> {
  const fold = new Fold();
  const records = log.flatMap(delivery => fold.commit(delivery).records);
  return new Set(
    records.map(({ type, void: reason }) => {
      const noun = type.slice(0, type.indexOf('.'));
      return reason === undefined ? type : `${noun} ${reason}`;
    }),
  );
}

/** The same is said at each level in turn, words among it that no enumeration has. */
function raised(): Delivery[] {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level: 1 }), p.started(p.GATEWAY, p.BOOT), p.joins(web));
  for (let level = 1; level <= LEVEL; level++) {
    if (level > 1) mesh.say(p.broker('log.leveled', { level }));
    const n = 100 * level;
    const odd = anyWord('nonsense');
    const said: Draft[] = [
      p.joins(api),
      p.makesToken(n + 9, { roles: [odd] }),
      p.asks(n, web, api),
      p.closes(api, n, 'nonsense'),
      p.closes(api, n, 'replied', { text: 'yes' }),
      p.tells(n + 1, web, api, 'hello', { backlog: odd }),
      p.tells(n + 2, web, api, 'again', { supersedes: p.msgNo(n + 1) }),
      p.turns(web, 'nonsense'),
      j.makesJob(n + 3, web),
      j.claims(api, n + 3),
      j.updates(api, n + 3, 1, { state: odd }),
      j.finishes(api, n + 3, 1, { outcome: odd }),
      plans(n + 4, web, api, { kind: odd }),
      touches(web, level),
      observed(level, 'open', { updated_at: mesh.now }),
      observed(level, 'nonsense'),
      moved(site('acme/app'), site('acme/shop')),
      forgets(web, level),
    ];
    for (const draft of said) mesh.say(draft);
    mesh.say(p.checkpoints(mesh.fold));
    mesh.say(p.checkpoints(mesh.fold, { digest: '0'.repeat(64) }));
    mesh.now += 60_000;
  }
  return mesh.log;
}

const logs = [raised(), ...hostile()].map(goldenOf);
writeGolden(LEVEL, logs);
process.stdout.write(`${logs.length} logs of level ${LEVEL}\n`);
