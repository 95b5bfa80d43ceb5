// Plants imports that break laws 1, 2 and 4, and sees each of them found.
import t from 'tap';
import * as arrows from './arrow-laws.js';
import { law, tree } from './planted.js';

law(
  'an arrow from broker to client, or away from schemas, is found',
  arrows.strayArrows,
  [
    ['broker/a.ts', "import { x } from '../client/b.js';"],
    ['broker/a.ts', "import type { X } from '../client/b.js';"],
    ['broker/a.ts', "export type { X } from '../client/b.js';"],
    ['client/a.ts', "type X = import('../broker/b.js').X;"],
    ['client/a.ts', "import {\n  x,\n  y,\n} from '../broker/b.js';"],
    ['client/cli/up.ts', "import { start } from '../../broker/main.js';"],
    ['client/cli/down.ts', "await import('../../broker/main.js');"],
    ['client/cli/up.ts', "await import('../../broker/runtime/broker.js');"],
    ['schemas/a.ts', "import '../broker/b.js';"],
    ['broker/a.ts', "import { x } from '../test/b.js';"],
    ['client/a.ts', "import { x } from '../bench/b.js';"],
  ],
  [
    ['broker/a.ts', "import { x } from '../schemas/b.js';"],
    ['client/cli/up.ts', "await import('../../broker/main.js');"],
    ['broker/a.ts', "// import { x } from '../client/b.js';"],
    ['broker/a.ts', 'const text = "import { x } from \'../client/b.js\'";'],
    ['test/a.ts', "import { x } from '../client/b.js';"],
  ],
);

law(
  'an arrow from the SDK to another folder of the client is found',
  arrows.sdkStrays,
  [
    ['client/sdk/a.ts', "import { x } from '../cli/b.js';"],
    ['client/sdk/a.ts', "import type { X } from '../telling/b.js';"],
    ['client/sdk/a.ts', "import { connect } from '../index.js';"],
  ],
  [
    ['client/sdk/a.ts', "import { x } from './b.js';"],
    ['client/sdk/a.ts', "import { x } from '../../schemas/b.js';"],
    ['client/terminal/a.ts', "import { x } from '../sdk/b.js';"],
  ],
);

law(
  'a foreign package at a side door is found',
  arrows.sideDoors,
  [
    ['broker/log/tail.ts', "import { connect } from 'nats';"],
    ['broker/core/fold.ts', "import type { Packr } from 'msgpackr';"],
    ['broker/gateway/calls/rpc.ts', "import { z } from 'zod';"],
    ['client/a.ts', "const { z } = await import('zod/mini');"],
    ['schemas/a.ts', "import ws from 'ws';"],
    ['broker/core/asks/a.ts', "import { DateTime } from 'luxon';"],
    ['broker/a.ts', "import { DatabaseSync } from 'node:sqlite';"],
    ['client/cli/a.ts', "import { Server } from '@modelcontextprotocol/sdk/server/index.js';"],
  ],
  [
    ['broker/log/connection.ts', "import { connect } from 'nats';"],
    ['schemas/codec.ts', "import { Packr } from 'msgpackr';"],
    ['client/sdk/socket.ts', "import ws from 'ws';"],
    ['test/a.ts', "import { Packr } from 'msgpackr';"],
  ],
);

t.test('a second door for ws in one room is found, one in each room is not', async t => {
  const text = "import ws from 'ws';";
  t.equal(arrows.sideDoors(tree({ 'broker/a.ts': text, 'broker/b.ts': text })).length, 1);
  t.same(arrows.sideDoors(tree({ 'broker/a.ts': text, 'client/b.ts': text })), []);
});

law(
  'an importer of main.ts or of its list is found',
  arrows.builders,
  [
    ['broker/gateway/a.ts', "import { start } from '../main.js';"],
    ['broker/gateway/a.ts', "import { buildBroker } from '../runtime/parts.js';"],
    ['client/cli/a.ts', "import type { Config } from '../../broker/main.js';"],
  ],
  [
    ['client/cli/up.ts', "await import('../../broker/main.js');"],
    ['broker/main.ts', "import { buildBroker } from './runtime/parts.js';"],
    ['test/walk.test.ts', "import { start } from '../broker/main.js';"],
  ],
);

t.test('a part that another file makes is found, and one that the list does not make', async t => {
  const part = { 'broker/a.ts': 'export class Ear<T> extends B<T> implements Odd, Part {}' };
  const list = { 'broker/runtime/parts.ts': 'const parts = [new Ear(1), new Clock()];' };
  t.same(arrows.builders(tree({ ...part, ...list })), []);
  t.same(arrows.builders(tree(part)), ['broker/a.ts: Ear is no part of broker/runtime/parts.ts']);
  const maker = (path: string) => ({ [path]: 'if (a) b.ear = new  Ear;' });
  const all = (path: string) => arrows.builders(tree({ ...part, ...list, ...maker(path) }));
  for (const path of ['broker/main.ts', 'broker/runtime/broker.ts', 'client/a.ts']) {
    t.same(all(path), [`${path} makes the part Ear`]);
  }
  t.same(all('test/a.ts'), [], 'a test may make one alone');
  const other = {
    'broker/b.ts': 'new Clock(); class Particle implements Whole {}; new Particle();',
  };
  t.same(arrows.builders(tree({ ...part, ...list, ...other })), [], 'what is no part');
});
