// Live views: at every position a mirror holds what a fresh fold says, whatever its reader went by.
import fc from 'fast-check';
import t from 'tap';
import type { Author, Delivery } from '../../broker/core/words.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { liveViews } from '../../schemas/view.js';
import { tokenNo } from '../dsl/events.js';
import { history, people, runs } from '../dsl/histories.js';
import { HistoryDoor, settle, Truth, ViewReader } from './view-world.js';

const operator: Author = { token: OPERATOR };
const [web, api, , far] = people.map(({ peer, token }) => ({ peer, token }));

const readers = [
  ...liveViews.map(view => ({ author: operator, watch: { view } })),
  ...liveViews
    .filter(view => view !== 'tokens')
    .map(view => ({ author: { token: tokenNo(2) }, watch: { view } })),
  ...(['asks', 'inbox', 'jobs', 'reviews', 'counts'] as const).map(view => ({
    author: far!,
    watch: { view },
  })),
  { author: web!, watch: { view: 'inbox', where: { peer: web!.peer! } } },
  { author: web!, watch: { view: 'asks', where: { to: web!.peer!, state: 'open' } } },
  { author: operator, watch: { view: 'reviews', where: { peer: [web!.peer!, api!.peer!] } } },
  {
    author: operator,
    watch: {
      view: 'jobs',
      where: { state: ['running', 'queued'] },
      fields: ['state', 'worker_name'],
    },
  },
  { author: operator, watch: { view: 'peers', fields: ['name', 'status', 'description'] } },
] as const;

type Step = { do: 'fold' | 'cut' | 'fill' | 'drain' | 'restart'; n: number };
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('fold', 'fold', 'fold', 'fold', 'cut', 'fill', 'drain', 'restart'),
  n: fc.nat({ max: 1_000 }),
});

async function play(log: Delivery[], steps: readonly Step[], seen: Set<string>): Promise<void> {
  const truth = new Truth(log, readers as never);
  const mirrors = readers.map(({ author, watch }) => new ViewReader(author, watch as never, truth));
  const doors = [0, 1].map(n => new HistoryDoor(log, n, 0));
  for (const [n, mirror] of mirrors.entries()) await mirror.connect(doors[n % 2]!);
  for (const { do: what, n } of steps) {
    const mirror = mirrors[n % mirrors.length]!;
    const which = (n >> 4) % 2;
    if (what === 'fold') doors[which]!.step();
    else if (what === 'fill' && mirror.outlet) mirror.outlet.isFull = true;
    else if (what === 'drain') mirror.outlet?.drain();
    else if (what === 'restart') {
      const old = doors[which]!;
      for (const one of mirrors) if (one.door === old) one.cut();
      old.views.close();
      const small = n % 3 === 0 ? 5 : undefined;
      doors[which] = new HistoryDoor(log, old.fold.sequence, n % 9, small);
    }
    await settle();
    for (const one of mirrors) one.read();
    if (what !== 'cut' && what !== 'restart') continue;
    for (const one of what === 'cut' ? [mirror] : mirrors) {
      if (what === 'restart' && one.outlet !== undefined) continue;
      await one.connect(doors[(n >> 5) % 2]!);
    }
  }
  for (const door of doors) while (door.step());
  for (const one of mirrors) one.outlet?.drain();
  for (let more = 0; more < 3; more++) await settle();
  for (const one of mirrors) {
    one.read();
    if (one.checked > 1) seen.add(`checked ${one.watch.view}`);
    if (one.resyncs > 0) seen.add('resync');
  }
  for (const door of doors) door.views.close();
}

t.test('a mirror is the view at every position it stands at', async t => {
  const seen = new Set<string>();
  const law = fc.asyncProperty(
    history,
    fc.array(step, { maxLength: 60, size: 'max' }),
    (log, steps) => play(log, steps, seen),
  );
  await fc.assert(law, runs(25));
  for (const view of liveViews) t.ok(seen.has(`checked ${view}`), `${view} was compared`);
});
