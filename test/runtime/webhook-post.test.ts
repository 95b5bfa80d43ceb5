// One attempt to deliver: how it ends, and that no name leads where nobody may be led.
import { createServer } from 'node:net';
import t from 'tap';
import { createPoster, type PostOutcome } from '../../broker/runtime/webhooks/post.js';
import { safeLookup } from '../../broker/runtime/webhooks/safe-lookup.js';
import { openReceiver } from '../dsl/receiver.js';

const LOCAL = '127.0.0.1';
const body = JSON.stringify({ position: 1, time: 1, event: {} });
const message = { body, headers: { 'content-length': `${body.length}`, 'webhook-id': 'evt_1' } };
const never = new AbortController().signal;

/** Names as a hostile server of names has them: each question gets the next answer. */
const resolving = (...answers: string[][]) => {
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    const found = answers.length > 1 ? answers.shift()! : answers[0]!;
    return found.map(address => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return { asked, resolve };
};

async function attempt(url: string, allowed?: string, answers: string[][] = [[LOCAL]]) {
  const poster = createPoster({ url, allowed }, safeLookup(allowed, resolving(...answers).resolve));
  const outcome = await poster.post(message, never);
  poster.close();
  return outcome;
}

t.test('a name is connected to where it was allowed to lead, and nowhere else', async t => {
  const refused: PostOutcome = { ok: false, reason: 'refused_address' };
  for (const address of [
    LOCAL,
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'fe80::1',
  ]) {
    t.same(await attempt('https://ci.example.com/', undefined, [[address]]), refused, address);
  }
  t.same(await attempt('https://ci.example.com/', undefined, [[]]), {
    ok: false,
    reason: 'lookup_failed',
  });
  const metadata = ['169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0', 'fd00:ec2::254'];
  t.same(await attempt('http://localhost/', 'localhost', [metadata]), refused, 'allowed by name');
  t.same(await attempt('https://127.0.0.1/'), refused, 'a literal is not looked up');
  t.same(await attempt('http://ci.example.com/'), refused, 'what the door would not have let in');
});

t.test('an allowed name is looked up once for a connection, and that address is used', async t => {
  const receiver = await openReceiver(t);
  const url = receiver.url.replace(LOCAL, 'localhost');
  const names = resolving([LOCAL], ['169.254.169.254']);
  const poster = createPoster(
    { url, allowed: 'localhost' },
    safeLookup('localhost', names.resolve),
  );
  t.match(await poster.post(message, never), { ok: true, status: 204 });
  t.match(await poster.post(message, never), { ok: true }, 'the connection is kept');
  t.same(names.asked, ['localhost']);
  receiver.will('reset');
  t.match(await poster.post(message, never), { ok: false, reason: 'refused_address' });
  poster.close();
});

t.test('a redirect into a private network is not followed', async t => {
  const [receiver, inside] = [await openReceiver(t), await openReceiver(t)];
  for (const status of [301, 302, 307, 308]) receiver.will([status, { location: inside.url }]);
  for (const status of [301, 302, 307, 308]) {
    t.match(await attempt(receiver.url, LOCAL), { ok: false, reason: 'redirect', status });
  }
  t.equal(inside.heard.length, 0);
});

t.test('an answer is waited for and read within bounds', async t => {
  const receiver = await openReceiver(t);
  receiver.will('endless', 'cut', 'silent');
  t.match(await attempt(receiver.url, LOCAL), { ok: true, status: 200 }, 'the rest is left');
  t.match(await attempt(receiver.url, LOCAL), { ok: false, reason: 'answer_broken' });
  const target = { url: receiver.url, allowed: LOCAL };
  const hasty = createPoster(target, safeLookup(LOCAL), 50);
  t.same(await hasty.post(message, never), { ok: false, reason: 'timeout' });
  hasty.close();
  const gone = createServer();
  await new Promise<void>(resolve => gone.listen(0, LOCAL, resolve));
  const { port } = gone.address() as { port: number };
  await new Promise(resolve => gone.close(resolve));
  const nobody = await attempt(`http://${LOCAL}:${port}/`, LOCAL);
  t.same(nobody, { ok: false, reason: 'connection_failed' });
});
