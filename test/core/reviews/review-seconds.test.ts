// GitHub tells the time in seconds: what happens within one may be told in any order.
import t from 'tap';
import type { EventOf } from '../../../schemas/event.js';
import { type Draft, joins, opened, T0, web } from '../../dsl/events.js';
import { observed, pull, sha, touches } from '../../dsl/events-reviews.js';
import { type Given, given, later } from '../../dsl/given.js';

const at = T0 + 20_000;
let deliveries = 0;
const step = (action: string, state: string, more: Partial<EventOf<'review.observed'>> = {}) =>
  observed(1, state, { action, updated_at: at, delivery: `d-${deliveries++}`, ...more });
const opens = () => step('opened', 'open', { updated_at: at - 9_000 });
const closes = () => step('closed', 'closed');
const reopens = () => step('reopened', 'open');
const labels = (state: string) => step('labeled', state);

const start = (...more: readonly Draft[]) =>
  given(t, joins(web), touches(web, 1), later(60_000), ...more);
const ends = (world: Given, state: string) => world.thenReview('default', pull(1), { state });

t.test('closed and reopened within one second is open, in whichever order it is told', async () => {
  ends(start(opens(), closes(), reopens()), 'open');
  ends(start(opens(), reopens(), closes()), 'open');
  ends(start(closes(), reopens()), 'open');
  ends(start(reopens(), closes()), 'open');
  ends(start(opens(), closes(), reopens(), labels('closed')), 'open');
  ends(start(opens(), labels('closed'), closes(), reopens()), 'open');
});

t.test('closed, reopened and closed again within one second is closed, in any order', async () => {
  const orders = ['ccr', 'crc', 'rcc'];
  for (const order of orders) {
    ends(start(opens(), ...[...order].map(one => (one === 'c' ? closes() : reopens()))), 'closed');
  }
});

t.test('what was closed before is closed again, when reopened and closed in a second', async () => {
  const before = () => step('closed', 'closed', { updated_at: at - 5_000 });
  ends(start(before(), reopens(), closes()), 'closed');
  ends(start(before(), closes(), reopens()), 'closed');
  ends(start(before(), reopens()), 'open');
});

t.test('a step told by two webhooks counts no more than one', async () => {
  ends(start(opens(), closes(), closes(), reopens(), reopens()), 'open');
  ends(start(opens(), closes(), reopens(), closes(), reopens()), 'open');
});

t.test('opened and closed within one second is closed', async () => {
  const opening = () => step('opened', 'open');
  ends(start(opening(), closes()), 'closed');
  ends(start(closes(), opening()), 'closed');
});

t.test('a later second is later, and an earlier one is stale', async () => {
  const after = (state: string, action: string) => step(action, state, { updated_at: at + 1_000 });
  ends(start(opens(), closes(), after('open', 'reopened')), 'open');
  ends(start(opens(), after('open', 'reopened'), closes()), 'open');
  start(after('open', 'reopened'), closes()).thenVoid('stale');
});

t.test('what is merged stays merged, whatever is told later or late', async () => {
  const merges = () => step('closed', 'merged');
  for (const next of [
    closes,
    reopens,
    () => step('reopened', 'open', { updated_at: at + 9_000 }),
  ]) {
    ends(start(opens(), merges(), next()).thenVoid('stale'), 'merged');
    ends(start(opens(), next(), merges()), 'merged');
  }
  const late = () => step('closed', 'merged', { updated_at: at - 5_000 });
  ends(start(opens(), step('edited', 'open'), late()), 'merged');
});

t.test('GitHub asked after that second knows best; asked within it, it does not', async () => {
  const asked = (state: string, observed_at: number, title?: string) =>
    observed(1, state, { updated_at: at, observed_at, ...(title && { title }) });
  ends(start(opens(), closes(), asked('open', at + 5_000)), 'open');
  ends(start(opens(), asked('open', at + 5_000, 'New'), closes()).thenVoid('stale'), 'open');
  start(opens(), closes(), asked('open', at + 500)).thenVoid('stale');
  ends(start(opens(), closes(), reopens(), asked('closed', at + 500)), 'open');
});

t.test(
  'of two pushes within one second the later one is the head, whatever is told last',
  async () => {
    const push = (digit: number) =>
      step('synchronize', 'open', { head_sha: sha(digit), before: sha(digit - 1) });
    const head = (world: Given) => world.thenReview('default', pull(1), { head_sha: sha(3) });
    head(start(opens(), push(2), push(3)));
    head(start(opens(), push(3), push(2)));
  },
);

t.test('a log below level 3 is judged as it was', async () => {
  const world = start();
  world.mesh.say(opened('log_2', { level: 2, replaces: 'log_1' }));
  world.and(opens(), closes(), reopens()).thenVoid('stale');
  ends(world, 'closed');
  const merged = step('closed', 'merged', { updated_at: at + 1_000 });
  world.and(merged, step('reopened', 'open', { updated_at: at + 2_000 })).thenApplied();
});
