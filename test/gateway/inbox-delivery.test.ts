// Inbox delivery to a consumer: what is sent, in which order, and what is said when it goes.
import t from 'tap';
import { createInboxDelivery } from '../../broker/gateway/inbox/inbox-delivery.js';
import { FakeOutlet } from './fake-outlet.js';
import { openInbox, texts } from './inbox-world.js';

t.test('what waits is sent in order, then what comes, each once', async t => {
  const { notify, ask, take, outlet } = openInbox();
  notify('one');
  ask('two');
  const cli = outlet();
  take(cli);
  t.strictSame(texts(cli), ['one', 'two']);
  notify('three');
  t.strictSame(texts(cli), ['one', 'two', 'three'], 'in the very turn it was folded');
  const positions = cli.told('inbox.item').map(({ position }) => position);
  t.strictSame(positions, [...positions].sort());
});

t.test('an item is told with the fields of the protocol and no others', async t => {
  const { door, ask, notify, take, outlet, web } = openInbox();
  const cli = outlet();
  take(cli);
  const ref = ask('may I?');
  notify('soon', { expires_at: door.time + 5_000 });
  const [first, second] = cli.told('inbox.item');
  t.strictSame(first, {
    position: door.commits.at(-2)?.records[0]?.position,
    time: door.time,
    kind: 'ask',
    from: web,
    from_name: 'web',
    from_role: 'agent',
    text: 'may I?',
    ref,
  });
  t.equal(second?.expires_at, door.time + 5_000);
});

t.test('only the peer it is for is told', async t => {
  const { door, inbox, web, notify, take, outlet } = openInbox();
  const [cli, other] = [outlet(), new FakeOutlet({ token: 'operator', peer: web })];
  take(cli);
  door.commit(door.event('inbox.taken', { by: web }));
  inbox.subscribed(other, 1);
  notify('for api');
  t.strictSame(texts(cli), ['for api']);
  t.strictSame(other.messages, []);
});

t.test('a full socket is sent nothing; from where it stood it goes on in order', async t => {
  const { notify, take, outlet } = openInbox();
  for (let i = 0; i < 5; i++) notify(`${i}`);
  const cli = outlet();
  cli.room = 2;
  take(cli);
  t.strictSame(texts(cli), ['0', '1']);
  notify('5');
  t.equal(cli.frames.length, 2);
  cli.isFull = false;
  notify('6');
  t.equal(cli.frames.length, 2, 'what is new does not overtake what waits');
  cli.drain(3);
  t.strictSame(texts(cli), ['0', '1', '2', '3', '4']);
  cli.drain();
  notify('7');
  t.strictSame(texts(cli), ['0', '1', '2', '3', '4', '5', '6', '7']);
});

t.test('what went away while the socket was full is never told of', async t => {
  const { notify, ack, take, outlet } = openInbox();
  const cli = outlet();
  cli.room = 1;
  take(cli);
  notify('first');
  ack([notify('gone before it was shown')]);
  cli.drain();
  t.strictSame(texts(cli), ['first']);
  t.strictSame(cli.told('inbox.gone'), []);
});

t.test('an item that expired is not sent', async t => {
  const { door, notify, take, outlet } = openInbox();
  const cli = outlet();
  cli.isFull = true;
  take(cli);
  notify('stale', { expires_at: door.time + 1_000 });
  notify('fresh', { expires_at: door.time + 9_000 });
  // The log says nothing new, so the fold has not taken it away yet.
  door.time += 1_000;
  cli.drain();
  t.strictSame(texts(cli), ['fresh']);
});

t.test('an item that goes is told of with its position, ref and reason', async t => {
  const { door, web, notify, ask, close, ack, take, outlet } = openInbox();
  const cli = outlet();
  take(cli);
  const by = web;
  const ends: [string, string, () => void][] = [];
  const will = (reason: string, ref: string, end: () => void) => ends.push([reason, ref, end]);
  const cancelled = ask('a');
  will('cancelled', cancelled, () => close(cancelled, 'cancelled', web));
  const replied = ask('b');
  will('replied', replied, () => close(replied, 'replied'));
  const taken = notify('c');
  const message = taken;
  will('retracted', taken, () => door.commit(door.event('message.retracted', { message, by })));
  const old = notify('d');
  will('superseded', old, () => notify('e', { supersedes: old }));
  const seen = notify('f');
  will('acknowledged', seen, () => ack([seen]));
  const late = notify('g', { expires_at: door.time + 1_000 });
  will('expired', late, () => {
    door.time += 1_000;
    door.note('time passes');
  });
  const abandoned = ask('h');
  will('retired', abandoned, () => door.commit(door.event('peer.left', { by: web })));
  for (const [reason, ref, end] of ends) {
    const before = cli.told('inbox.gone').length;
    const shown = cli.told('inbox.item').find(item => item.ref === ref);
    end();
    const gone = cli.told('inbox.gone').slice(before);
    t.strictSame(gone, [{ position: shown?.position, ref, reason }], reason);
  }
});

t.test('a consumer that states its generation is not told of its own acks', async t => {
  const { notify, ack, take, outlet } = openInbox();
  const cli = outlet();
  const generation = take(cli);
  ack([notify('mine')], generation);
  t.strictSame(cli.told('inbox.gone'), []);
  ack([notify('not mine')]);
  t.equal(cli.told('inbox.gone').length, 1);
});

t.test('what a consumer was sent before is repeated to the next one, and marked', async t => {
  const { notify, take, outlet } = openInbox();
  const [former, latter] = [outlet(), outlet()];
  take(former);
  notify('shown');
  former.close();
  notify('not shown');
  take(latter);
  const marks = latter.told('inbox.item').map(({ text, repeated }) => [text, repeated]);
  t.strictSame(marks, [
    ['shown', true],
    ['not shown', undefined],
  ]);
});

t.test('what came to a connected peer before this gateway began may be a repeat', async t => {
  const { door, api, web, notify, outlet } = openInbox();
  notify('before');
  const gone = door.event('peer.disconnected', { peer: api, boot: 'boot_1', by: 'boot_1' });
  door.commit(gone);
  notify('while away');
  const reborn = createInboxDelivery(door);
  const back = { peer: api, boot: 'boot_1', by: 'boot_1' };
  door.commit(door.event('peer.connected', back));
  notify('since');
  const cli = outlet();
  door.commit(door.event('inbox.taken', { by: api }));
  reborn.subscribed(cli, 1);
  const marks = cli.told('inbox.item').map(({ text, repeated }) => [text, repeated]);
  t.strictSame(marks, [
    ['before', true],
    ['while away', undefined],
    ['since', undefined],
  ]);
  t.ok(web);
});

t.test('after the connection or the delivery closed nothing is sent', async t => {
  const { inbox, notify, take, outlet } = openInbox();
  const [cli, other] = [outlet(), outlet()];
  take(cli);
  cli.close();
  notify('unseen');
  t.equal(cli.frames.length, 0);
  take(other);
  inbox.close();
  notify('unseen too');
  t.strictSame(texts(other), ['unseen']);
});
