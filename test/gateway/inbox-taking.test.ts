// Taking an inbox: one consumer at a time, and the former one is told.
import t from 'tap';
import { createInboxDelivery } from '../../broker/gateway/inbox/inbox-delivery.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet, turn } from './fake-outlet.js';
import { openInbox, texts } from './inbox-world.js';

t.test('the former consumer is told who took over, and nothing more', async t => {
  const { notify, ack, take, outlet } = openInbox();
  const [former, latter] = [outlet(), outlet()];
  take(former);
  const ref = notify('both');
  take(latter);
  notify('latter only');
  ack([ref]);
  await turn();
  t.strictSame(former.told('inbox.taken'), [{ generation: 2 }]);
  t.strictSame(texts(former), ['both']);
  t.strictSame(former.told('inbox.gone'), []);
  t.strictSame(texts(latter), ['both', 'latter only']);
  t.equal(latter.told('inbox.gone').length, 1);
  t.strictSame(latter.told('inbox.taken'), []);
});

t.test('a full former consumer is not sent the rest when it drains', async t => {
  const { notify, take, outlet } = openInbox();
  const [former, latter] = [outlet(), outlet()];
  former.isFull = true;
  latter.isFull = true;
  take(former);
  notify('late');
  take(latter);
  former.drain();
  t.strictSame(texts(former), []);
  latter.drain();
  t.strictSame(texts(latter), ['late']);
});

t.test('taken through another gateway, the consumer here is told all the same', async t => {
  const { door, api, notify, take, outlet } = openInbox();
  const cli = outlet();
  take(cli);
  door.commit(door.event('inbox.taken', { by: api }));
  notify('elsewhere');
  await turn();
  t.strictSame(cli.messages, [
    { jsonrpc: '2.0', method: 'inbox.taken', params: { generation: 2 } },
  ]);
});

t.test('the same connection taking it again is not told that it lost it', async t => {
  const { notify, take, outlet } = openInbox();
  const cli = outlet();
  take(cli);
  notify('again');
  t.equal(take(cli), 2);
  await turn();
  t.strictSame(cli.told('inbox.taken'), []);
  t.strictSame(texts(cli), ['again', 'again']);
});

t.test('whether the answer or the commit comes first makes no difference', async t => {
  const door = new FakeLogDoor();
  const api = door.join('api');
  const outlets: FakeOutlet[] = [];
  const later: (() => void)[] = [];
  // Registered first, so it is told of the commit before the delivery is.
  door.listen(() => later.shift()?.());
  const inbox = createInboxDelivery(door);
  for (let i = 1; i <= 2; i++) {
    const cli = new FakeOutlet({ token: 'operator', peer: api });
    outlets.push(cli);
    later.push(() => inbox.subscribed(cli, i));
    door.commit(door.event('inbox.taken', { by: api }));
  }
  await turn();
  const [former, latter] = outlets;
  t.strictSame(former?.told('inbox.taken'), [{ generation: 2 }]);
  const text = 'for the latter';
  const message = `msg_${door.uuid()}`;
  const by = door.join('web');
  door.commit(door.event('message.notified', { message, to: api, text, backlog: 'drop', by }));
  t.strictSame(texts(latter!), [text]);
  t.strictSame(latter?.told('inbox.taken'), []);
  t.equal(former?.frames.length, 1);
});

t.test('who learns late that it took the inbox is told that it was taken since', async t => {
  const { door, inbox, api, notify, outlet } = openInbox();
  const [first, second] = [outlet(), outlet()];
  for (let i = 0; i < 2; i++) door.commit(door.event('inbox.taken', { by: api }));
  inbox.subscribed(second, 2);
  inbox.subscribed(first, 1);
  notify('for the second');
  t.strictSame(first.told('inbox.taken'), [{ generation: 2 }]);
  t.strictSame(texts(first), []);
  t.strictSame(texts(second), ['for the second']);
});

t.test(
  'a connection that hung up before its answer takes nothing, and keeps nobody out',
  async t => {
    const { notify, take, outlet } = openInbox();
    const [gone, here] = [outlet(), outlet()];
    gone.close();
    take(gone);
    notify('for whoever comes');
    t.strictSame(gone.frames, []);
    take(here);
    t.strictSame(texts(here), ['for whoever comes']);

    take(gone);
    take(gone);
    notify('for nobody');
    t.strictSame(gone.frames, [], 'nor when it had asked twice');
  },
);
