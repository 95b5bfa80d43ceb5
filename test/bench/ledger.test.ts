// The bench's checker of loss, order and doubles must itself catch each of them.
import t from 'tap';
import { addFaults, Ledger, noFaults } from '../../bench/load/ledger.js';

function noted(numbers: number[]): Ledger {
  const ledger = new Ledger();
  for (const number of numbers) ledger.note(number);
  return ledger;
}

t.test('what comes once and in order is without fault', async t => {
  const ledger = noted([0, 1, 2, 3]);
  t.match(ledger, { doubled: 0, reordered: 0 });
  t.equal(ledger.missing(4), 0);
});

t.test('what never comes is missing, in the middle and at the end', async t => {
  const ledger = noted([0, 2, 3]);
  t.equal(ledger.missing(5), 2);
  t.equal(ledger.reordered, 0, 'those behind a hole are in order all the same');
});

t.test('what comes twice is doubled, also before its forerunner came', async t => {
  const ledger = noted([0, 0, 2]);
  t.notOk(ledger.note(2));
  t.equal(ledger.doubled, 2);
});

t.test('what overtakes is out of order, and nothing is missing once all have come', async t => {
  const ledger = noted([1, 0, 2]);
  t.equal(ledger.reordered, 1);
  t.equal(ledger.missing(3), 0);
  t.equal(ledger.doubled, 0);
});

t.test('faults of several receivers add up', async t => {
  const one = { ...noFaults(), lost: 1, refused: 2 };
  t.same(addFaults(one, { ...noFaults(), lost: 3 }), { ...noFaults(), lost: 4, refused: 2 });
});
