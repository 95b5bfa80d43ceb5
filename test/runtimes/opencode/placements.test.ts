// Proof of delivery in OpenCode: what is lost, what is shown, and what only seems so.
import t from 'tap';
import { Placements } from '../../../client/runtimes/opencode/placements.js';

const fresh = () => new Placements(false);

t.test('mail is proven when the model answers a request that held it, and not before', async t => {
  const mail = fresh();
  t.notOk(mail.isProven, 'nothing proves nothing');
  mail.place('one', ['msg_1']);
  mail.answers();
  t.notOk(mail.isProven, 'an answer to an earlier request');
  mail.requests(['hello', 'output\n\none']);
  t.notOk(mail.isProven, 'a request that may fail');
  mail.answers();
  t.ok(mail.isProven);
  mail.told({ wasProven: true, wasDoubtful: false });
  t.notOk(mail.isProven, 'told once');
});

t.test('what was placed later keeps all of it unproven until it was shown as well', async t => {
  const mail = fresh();
  mail.place('one', ['msg_1']);
  mail.requests(['one']);
  mail.answers();
  mail.place('two', ['msg_2']);
  t.notOk(mail.isProven);
  t.ok(mail.isPlaced);
  mail.requests(['one', 'two']);
  mail.answers();
  t.ok(mail.isProven);
});

t.test('mail that stands in no request is lost, and handed over again', async t => {
  const mail = fresh();
  mail.place('one', ['msg_1']);
  mail.requests(['something else']);
  t.ok(mail.isDoubtful);
  t.notOk(mail.has('msg_1'));
  mail.told({ wasProven: false, wasDoubtful: true });
  t.notOk(mail.isDoubtful);
});

t.test('mail that was shown is not lost when a summary takes its place', async t => {
  const mail = fresh();
  mail.place('one', ['msg_1']);
  mail.requests(['one']);
  mail.answers();
  mail.requests(['a summary']);
  t.notOk(mail.isDoubtful);
  t.ok(mail.isProven);
});

t.test('a request for a summary proves nothing, nor does what it is answered', async t => {
  const mail = fresh();
  mail.place('one', ['msg_1']);
  mail.requests(['one']);
  mail.summarises();
  mail.requests(['one']);
  mail.answers();
  t.notOk(mail.isProven, 'the request before had no answer');
  t.ok(mail.isSummarising);
  mail.requests(['summary', 'one']);
  t.notOk(mail.isSummarising);
  mail.answers();
  t.ok(mail.isProven);
});

t.test('a resumed session doubts what a process before it was handed', async t => {
  t.ok(new Placements(true).isDoubtful);
  const mail = fresh();
  mail.place('one', ['msg_1']);
  mail.lose('one');
  t.ok(mail.isDoubtful);
  t.notOk(mail.isOwn('one'));
});
