// A command line of this version before a broker of an older one, which lacks methods.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { House } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { inside } from './inside.js';

t.test('a method that the broker lacks is told as its age, not as a wrong word', async t => {
  const error = {
    code: -32601,
    message: 'There is no such method; /openrpc.json lists them all.',
    data: { refusal: 'invalid', retry: false },
  };
  const old = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'application/json');
    answer.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error }));
  });
  t.teardown(() => old.close());
  await once(old.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
  const token_file = join(await tempDir(t), 'token');
  await writeFile(token_file, 's'.repeat(43), { mode: 0o600 });
  const ada = await inside(t, { ready: { url, token_file } as House['ready'] }, 'ada');
  for (const verb of [
    ['log', 'verify'],
    ['search', 'x'],
    ['at', '4096', 'peers', '--all'],
  ]) {
    const told = await ada.run(verb);
    t.match(told, { code: 1, stdout: '', stderr: /of an older version.*\n.*signalbox up/ });
  }
});
