// A delivered commit's sequence and time are read exactly from both forms of its reply subject.
import t from 'tap';
import { readStamp } from '../../../broker/log/following/ack-subject.js';

const time = '1795363800795531620';
const stamp = { sequence: 42, storedAt: 1_795_363_800_795, nanos: 531_620 };

t.test('the older form has nine tokens', async t => {
  t.same(readStamp(`$JS.ACK.SIGNALBOX_default.cl7k4HhX.1.42.7.${time}.16`), stamp);
});

t.test('the newer form names domain and account, with or without a last token', async t => {
  const newer = `$JS.ACK._.hash.SIGNALBOX_default.cl7k4HhX.1.42.7.${time}.16`;
  t.same(readStamp(newer), stamp);
  t.same(readStamp(`${newer}.random`), stamp);
});

t.test('the milliseconds are rounded down, not to the nearest', async t => {
  const subject = '$JS.ACK.S.C.1.1.1.1795363800795999999.0';
  t.same(readStamp(subject), { sequence: 1, storedAt: 1_795_363_800_795, nanos: 999_999 });
});

t.test('anything else is no commit', async t => {
  for (const reply of [undefined, '', '$JS.FC.S.C.xyz', '_INBOX.abc', '$JS.ACK.S.C.1']) {
    t.equal(readStamp(reply), undefined);
  }
});
