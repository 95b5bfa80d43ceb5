// Proves that what would weigh on every call of the command line is found, and the rest is spared.
import t from 'tap';
import { law, tree } from './planted.js';
import { heavyStarts } from './weight-laws.js';

const main = 'client/cli/main.ts';

law(
  'a package that takes long to load is found where every call would load it',
  heavyStarts,
  [
    [main, "import { z } from 'zod';"],
    [main, "export { WebSocket } from 'ws';"],
    [main, "import { type A, Packr } from 'msgpackr';"],
    ['client/cli/hook/main.ts', "import { z } from 'zod';"],
  ],
  [
    [main, "import type { z } from 'zod';"],
    [main, "const { z } = await import('zod');"],
    [main, "import { Command } from 'commander';\nimport { join } from 'node:path';"],
    ['client/cli/other.ts', "import { z } from 'zod';"],
  ],
);

t.test('it is found behind our own files, but for those that are loaded later', async t => {
  const heavy = "import { z } from 'zod';";
  const near = { [main]: "import { a } from './a.js';", 'client/cli/a.ts': heavy };
  t.match(heavyStarts(tree(near)), ['client/cli/a.ts:1 loads zod at every call']);
  t.same(heavyStarts(tree({ ...near, [main]: "await import('./a.js');" })), []);
});
