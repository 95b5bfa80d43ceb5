// The results page: each line names what it was measured with, and says whether the target was met.
import t from 'tap';
import { noFaults } from '../../bench/load/ledger.js';
import { chartOf } from '../../bench/report/chart.js';
import { figure, percent } from '../../bench/report/figures.js';
import { pageOf } from '../../bench/report/page.js';

const run = {
  commit: 'abc1234',
  node: '20.20.0',
  machine: '2 × something',
  fsync_ms: 0.4,
  isQuick: true,
  date: '2026-01-02',
};

const line = {
  scenario: 'P9 flying',
  measured: '9 cycles/s',
  floor: 'walking: 10 cycles/s',
  ratio: 0.9,
  target: { of: 'walking', least: 0.7 },
  sizes: 'two wings',
  natsServer: '2.14.0',
  durability: 'fsync',
};

const chart = {
  scenario: 'P9',
  title: 'Flying <and> walking',
  bars: [
    { label: 'flying', value: 9, isFloor: false },
    { label: 'walking', value: 10, isFloor: true },
  ],
};

const page = (ratio: number) => {
  const faults = { ...noFaults(), lost: 3 };
  return pageOf(run, [{ lines: [{ ...line, ratio }], tables: [], chart, faults }]);
};

t.test('a line carries ratio, target, versions, durability, commit and sizes', async t => {
  const row = page(0.9)
    .split('\n')
    .find(text => text.startsWith('| P9'));
  const cells = ['**0.90**', '≥ 0.7 × walking', 'node 20.20.0', 'nats-server 2.14.0', 'fsync'];
  for (const text of [...cells, 'abc1234', 'two wings']) t.ok(row?.includes(text), text);
});

t.test('a missed target is said as plainly as a met one', async t => {
  t.match(page(0.9), '| yes |');
  t.match(page(0.6), '| **no** |');
});

t.test('what was lost stands on the page', async t => {
  t.match(page(0.9), '3 lost, 0 doubled');
});

t.test('figures have three digits that count', async t => {
  t.equal(figure(1_234_567.8), '1,234,568');
  t.equal(figure(12_345), '12,345');
  t.equal(figure(999.6), '1,000');
  t.equal(figure(12.345), '12.3');
  t.equal(figure(0.1234), '0.12');
  t.equal(figure(Number.NaN), '–');
});

t.test('a share that the system does not tell is a dash', async t => {
  t.equal(percent(0.256), '26 %');
  t.equal(percent(undefined), '–');
});

t.test('each scenario has its chart, in which the longest bar is the most', async t => {
  t.match(page(0.9), '(charts/p9.svg)');
  const drawn = chartOf(chart);
  t.match(drawn, 'Flying &lt;and&gt; walking');
  const widths = [...drawn.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)];
  const [flying, walking] = widths.map(found => Number(found[1]));
  t.equal(Math.round((flying! / walking!) * 100), 90);
});
