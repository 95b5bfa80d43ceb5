// The arithmetic by which results are judged.
import t from 'tap';
import { isMet, kneeOf, median, ratioOf } from '../../bench/report/figures.js';

t.test('the median is the middle one, or between the two middle ones', async t => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.ok(Number.isNaN(median([])));
});

t.test('one disturbed round does not move the ratio', async t => {
  t.equal(ratioOf([10, 1, 30], [20, 20, 60]), 0.5);
});

t.test('a target is met from its least and up to its most', async t => {
  t.ok(isMet(0.7, { of: 'x', least: 0.7 }));
  t.notOk(isMet(0.69, { of: 'x', least: 0.7 }));
  t.ok(isMet(1.5, { of: 'x', most: 1.5 }));
  t.notOk(isMet(1.51, { of: 'x', most: 1.5 }));
  t.notOk(isMet(Number.NaN, { of: 'x', least: 0.7 }));
});

const step = (offered: number, answered: number, p99_ms: number) => ({ offered, answered, p99_ms });

t.test('the knee is the last rate before the first that drowned', async t => {
  const steps = [step(300, 200, 400), step(100, 100, 5), step(200, 199, 20), step(400, 400, 9)];
  t.equal(kneeOf(steps, 50)?.offered, 200);
});

t.test('a rate that was kept too slowly is past the knee', async t => {
  t.equal(kneeOf([step(100, 100, 5), step(200, 200, 51)], 50)?.offered, 100);
  t.equal(kneeOf([step(100, 100, 51)], 50), undefined);
});

t.test('without a drowned rate the knee is not below the highest', async t => {
  t.equal(kneeOf([step(100, 100, 5), step(200, 200, 6)], 50)?.offered, 200);
});
