// Receipts: what an answer needs of the fold comes back from the 32 bits that remember it.
import fc from 'fast-check';
import t from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { nextAt, packReceipt, unpackReceipt } from '../../broker/core/rows/receipt.js';
import { finds, history, runs } from '../dsl/histories.js';

type Unpack = typeof unpackReceipt;

/** What a repeat is told is what the first was told, whatever the history. */
function recall(unpack: Unpack): void {
  const law = fc.property(history, log => {
    const fold = new Fold();
    for (const delivery of log) {
      for (const { type, receipt } of fold.commit(delivery).records) {
        const packed = packReceipt(receipt);
        if (packed !== packed >>> 0) return false;
        if (receipt === undefined) continue;
        if (JSON.stringify(unpack(type, packed)) !== JSON.stringify(receipt)) return false;
      }
    }
    return true;
  });
  fc.assert(law, runs(100));
}

t.test('a receipt survives its 32 bits, in every history', async t => {
  recall(unpackReceipt);
  const deaf: Unpack = (type, packed) => unpackReceipt(type, packed === 1 ? 0 : packed);
  finds(t, () => recall(deaf), 'a memory that forgets who was there');
});

t.test('a rule’s next time is remembered to the minute, and so is that there is none', async t => {
  t.same(nextAt(125_000), { kind: 'next', at: 120_000 });
  t.equal(nextAt(59_999), undefined, 'what is in the first minute of 1970 is not told');
  const ended = unpackReceipt('schedule.resumed', 0xffff_ffff);
  t.same(ended, { kind: 'ended' });
  t.equal(packReceipt(ended), 0xffff_ffff);
});
