// Plants impurities and hidden clocks, and sees each of them found.

import { law } from './planted.js';
import * as purity from './purity-laws.js';

law(
  'an impurity in a pure room is found',
  purity.impurities,
  [
    ['schemas/a.ts', 'export async function f() {}'],
    ['schemas/a.ts', 'const now = Date.now();'],
    ['broker/views/a.ts', 'const now = new Date();'],
    ['broker/rows/a.ts', 'const { now } = performance;'],
    ['broker/fold.ts', 'const id = Math.random();'],
    ['broker/decide.ts', 'const { TZ } = process.env;'],
    ['broker/decide/asks.ts', 'setTimeout(() => {}, 1);'],
    ['broker/recurrence.ts', 'const text = day.toLocaleString();'],
    ['client/session.ts', 'names.sort((a, b) => a.localeCompare(b));'],
    ['client/mirror.ts', 'const day = new Date(time).getDay();'],
    ['schemas/a.ts', "import { readFile } from 'node:fs';"],
    ['broker/views/a.ts', "import { createHash } from 'node:crypto';"],
    ['broker/fold.ts', "import { request } from 'node:http';"],
    ['broker/fold.ts', "import { createHash, randomBytes } from 'node:crypto';"],
  ],
  [
    ['broker/fold.ts', "import { createHash } from 'node:crypto';"],
    ['schemas/a.ts', '// Date.now() would make the fold differ.\nconst text = `await it`;'],
    ['schemas/a.ts', 'const day = new Date(time).getUTCDay();'],
    ['broker/broker.ts', 'await setTimeout(1);'],
  ],
);

law(
  'a hidden clock in the broker is found',
  purity.hiddenClocks,
  [
    ['broker/broker.ts', 'const now = Date.now();'],
    ['broker/log/a.ts', 'const began = performance.now();'],
    ['broker/a.ts', 'const now = Date.now;'],
    ['broker/a.ts', 'const day = new Date().toISOString();'],
  ],
  [
    ['broker/clock.ts', 'const now = Date.now();'],
    ['broker/a.ts', 'const day = new Date(time).toISOString(); setTimeout(tick, 5);'],
    ['client/a.ts', 'const now = Date.now();'],
  ],
);
