// An error that nobody caught: the broker says its cause and ends, and leaves nothing behind.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { processGone } from '../dsl/processes.js';
import { newShell, sameUser, upIn } from './shell.js';

/** Runs in the broker's process, and fails there when told to. */
const plant = `
process.on('SIGUSR2', () => {
  setImmediate(() => {
    if (process.env.PLANTED === 'throw') throw new Error('a planted fault');
    Promise.reject(new Error('a planted fault'));
  });
});
`;

for (const planted of ['throw', 'reject']) {
  t.test(`what nobody caught (${planted}) is said, and ends server, lock and broker`, async t => {
    const clean = await newShell(t);
    const file = join(clean.env.HOME!, 'plant.mjs');
    await writeFile(file, plant);
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(file)}`, PLANTED: planted };
    const { child, ready } = await upIn(sameUser(t, clean, env));
    let said = '';
    child.stderr!.on('data', chunk => {
      said += chunk;
    });
    const ended = once(child, 'close');
    child.kill('SIGUSR2');
    t.same(await ended, [1, null]);
    t.match(said, /the broker failed.*a planted fault\n +at .*plant\.mjs/s);
    await processGone(ready.nats_server.pid);
    const { ready: next } = await upIn(clean);
    t.equal(next.log, ready.log, 'the directory is free, and the log goes on');
  });
}
