// Tries the HTTP client of the command line: servers answer, hang up, cut off and redirect.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import t, { type Test } from 'tap';
import { getPlainly, postPlainly } from '../../client/cli/reach/http.js';
import { answers } from '../../client/cli/reach/running.js';

interface Bare {
  port: number;
  /** What came to each connection, as it came. */
  heard: Buffer[];
}

/** Says these bytes to whoever has sent something; then hangs up, or stays silent. */
async function bareServer(t: Test, say: string, isOver = true): Promise<Bare> {
  const heard: Buffer[] = [];
  const server = createServer(socket => {
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    socket.once('data', bytes => {
      heard.push(bytes);
      if (isOver) socket.end(say);
      else socket.write(say);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, heard };
}

const post = (signal = new AbortController().signal, body = '{"é":1}') =>
  ({ method: 'POST', headers: { authorization: 'Bearer me' }, body, signal }) as const;

const answer = (body: string) =>
  `HTTP/1.1 200 OK\r\nX-Told: 5\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

t.test('a post brings status, headers in any case, and a text of many bytes a letter', async t => {
  const { port, heard } = await bareServer(t, answer('señal 🚦'));
  const { status, headers, text } = await postPlainly(`http://127.0.0.1:${port}/rpc`, post());
  t.same([status, headers.get('x-told'), headers.get('x-none')], [200, '5', null]);
  t.equal(await text(), 'señal 🚦');
  const said = heard[0]!.toString();
  t.match(said, /^POST \/rpc HTTP\/1.0\r\n/);
  t.match(said, /content-length: 8\r\n/i);
  t.ok(said.endsWith('{"é":1}'));
});

t.test('a get asks with its query, and without a body', async t => {
  const { port, heard } = await bareServer(t, answer('alive'));
  const { signal } = post();
  const { text } = await getPlainly(`http://127.0.0.1:${port}/readyz?all`, { headers: {}, signal });
  t.equal(await text(), 'alive');
  t.match(heard[0]!.toString(), /^GET \/readyz\?all HTTP\/1.1\r\n/);
});

const cuts: [string, string][] = [
  ['a socket that is closed without a word', ''],
  ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['half an answer', `${answer('x'.repeat(99)).slice(0, -50)}`],
  [
    'a last chunk that never came',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
  ],
  ['what is not HTTP', '220 mail.example ESMTP\r\n'],
];
for (const [what, say] of cuts) {
  t.test(`${what} is no answer`, async t => {
    const { port } = await bareServer(t, say);
    await t.rejects(postPlainly(`http://127.0.0.1:${port}/rpc`, post()), { code: /./ });
    t.notOk(await answers(`http://127.0.0.1:${port}`));
  });
}

t.test('where nobody listens, the cause is told', async t => {
  const { port } = await bareServer(t, '');
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port: free } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  t.not(port, free);
  await t.rejects(postPlainly(`http://127.0.0.1:${free}/rpc`, post()), { code: 'ECONNREFUSED' });
});

t.test('an end that was asked for is told by its reason, whenever it comes', async t => {
  const reason = new Error('enough');
  const url = async (say: string) => `http://127.0.0.1:${(await bareServer(t, say, false)).port}/`;
  await t.rejects(postPlainly(await url(''), post(AbortSignal.abort(reason))), reason);
  for (const say of ['', answer('x'.repeat(99)).slice(0, -50)]) {
    const ending = new AbortController();
    const asked = postPlainly(await url(say), post(ending.signal));
    setImmediate(() => ending.abort(reason));
    await t.rejects(asked, reason);
  }
  const late = post(AbortSignal.timeout(1));
  await t.rejects(postPlainly(await url(''), late), { name: 'TimeoutError' });
});

t.test('https is spoken to an https address, and plain words in answer are refused', async t => {
  const { port, heard } = await bareServer(t, answer('alive'));
  await t.rejects(postPlainly(`https://127.0.0.1:${port}/rpc`, post()), { code: /./ });
  t.equal(heard[0]![0], 0x16, 'a handshake of TLS');
  t.notOk(heard[0]!.includes('Bearer'), 'no credential before it');
  await t.rejects(postPlainly('ftp://127.0.0.1/rpc', post()), { code: 'ERR_INVALID_PROTOCOL' });
});

t.test('a redirection is not followed: nobody else is told the credential', async t => {
  const other = await bareServer(t, answer('alive'));
  const to = `Location: http://127.0.0.1:${other.port}/\r\nContent-Length: 0\r\n\r\n`;
  const { port } = await bareServer(t, `HTTP/1.1 308 Permanent Redirect\r\n${to}`);
  t.equal((await postPlainly(`http://127.0.0.1:${port}/rpc`, post())).status, 308);
  t.notOk(await answers(`http://127.0.0.1:${port}`));
  t.same(other.heard, []);
});
