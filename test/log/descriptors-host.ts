// A process for tests that runs out of descriptors, and says what the broker's helpers make of it.

import { closeSync, openSync } from 'node:fs';
import { natsAnswers } from '../../broker/nats-server/probe.js';
import { launchNatsServer } from '../../broker/nats-server/process.js';
import { processFacts } from '../../broker/system/process-facts.js';

const port = Number(process.argv[2]);
const address = { port, serverName: 'none', user: '', password: '' };
// Without a pid file of an earlier server; looking for one takes a descriptor too.
const files = { store: '', config: 'none', pid: 'none', log: 'none' };
const said: unknown[] = [];

const held: number[] = [];
try {
  for (;;) held.push(openSync('/dev/null', 'r'));
} catch {
  // All are taken.
}
said.push(await natsAnswers(address));
said.push(await processFacts(process.pid).catch(error => error.code));
// Two are free: enough to look for the pid file, too few for the pipes of a child.
for (const one of held.splice(0, 2)) closeSync(one);
said.push(await launchNatsServer('none', files).catch(error => error.code));
for (const one of held) closeSync(one);
said.push(await natsAnswers(address));
said.push((await processFacts(process.pid))?.command !== undefined);
process.stdout.write(`${JSON.stringify(said)}\n`);
