// Plants impurities and hidden clocks, and sees each of them found.
import { law } from './planted.js';
import * as purity from './purity-laws.js';

law(
  'an impurity in a pure room is found',
  purity.impurities,
  [
    ['schemas/a.ts', 'export async function f() {}'],
    ['schemas/a.ts', 'const now = Date.now();'],
    ['broker/core/a.ts', 'const now = new Date();'],
    ['broker/core/rows/a.ts', 'const { now } = performance;'],
    ['broker/core/fold.ts', 'const id = Math.random();'],
    ['broker/core/decide.ts', 'const { TZ } = process.env;'],
    ['broker/core/asks/commands.ts', 'setTimeout(() => {}, 1);'],
    ['broker/core/schedules/recurrence.ts', 'const text = day.toLocaleString();'],
    ['client/sdk/session.ts', 'names.sort((a, b) => a.localeCompare(b));'],
    ['client/sdk/session.ts', 'const day = new Date(time).getDay();'],
    ['schemas/a.ts', "import { readFile } from 'node:fs';"],
    ['broker/core/a.ts', "import { createHash } from 'node:crypto';"],
    ['broker/core/fold.ts', "import { request } from 'node:http';"],
    ['broker/core/commits/hash-chain.ts', "import { createHash, randomBytes } from 'node:crypto';"],
  ],
  [
    ['broker/core/commits/hash-chain.ts', "import { createHash } from 'node:crypto';"],
    ['schemas/a.ts', '// Date.now() would make the fold differ.\nconst text = `await it`;'],
    ['schemas/a.ts', 'const day = new Date(time).getUTCDay();'],
    ['broker/runtime/broker.ts', 'await setTimeout(1);'],
  ],
);

law(
  'a hidden clock in the broker is found',
  purity.hiddenClocks,
  [
    ['broker/runtime/broker.ts', 'const now = Date.now();'],
    ['broker/log/a.ts', 'const began = performance.now();'],
    ['broker/a.ts', 'const now = Date.now;'],
    ['broker/a.ts', 'const day = new Date().toISOString();'],
  ],
  [
    ['broker/system/clock.ts', 'const now = Date.now();'],
    ['broker/a.ts', 'const day = new Date(time).toISOString(); setTimeout(tick, 5);'],
    ['client/a.ts', 'const now = Date.now();'],
  ],
);
