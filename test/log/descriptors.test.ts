// Without a descriptor left: what could not be asked is no answer, and nothing ends the process.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

t.test('a question that found no descriptor says nothing of the other side', async t => {
  // Takes connections and keeps silent about who it is.
  const stranger = createServer(socket => socket.end('hello\r\n')).listen(0, '127.0.0.1');
  t.teardown(() => stranger.close());
  await once(stranger, 'listening');
  const { port } = stranger.address() as { port: number };
  const host = fileURLToPath(new URL('descriptors-host.js', import.meta.url));
  const limited = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, host, String(port)];
  const { stdout } = await promisify(execFile)('sh', limited, { cwd: t.testdir({}) });
  const [asked, facts, launched, later, alive] = JSON.parse(stdout);
  t.equal(asked, 'unasked', 'the probe could not ask');
  t.equal(facts, 'EMFILE', 'a process that cannot be looked at is not gone');
  t.equal(launched, 'EMFILE', 'a server that cannot be started is an error like any other');
  t.equal(later, 'silent', 'with descriptors again the probe hears the truth');
  t.ok(alive);
});
