// The laws that Biome keeps: the tree offends none, and each planted offender is found.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { tempDir } from '../dsl/nats.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function biome(cwd: string, ...args: string[]): Promise<string> {
  const script = join(root, 'node_modules/@biomejs/biome/bin/biome');
  return new Promise(resolve => {
    execFile(process.execPath, [script, ...args], { cwd }, (error, out, complaints) =>
      resolve(error ? `${out}${complaints}` : ''),
    );
  });
}

const long = (lines: number, opening: string) => `${opening} {\n${'  work();\n'.repeat(lines)}}\n`;

/** Files that offend, each by the rule that finds it. */
const offenders: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['noConsole', 'broker/runtime/loud.ts', 'console.log(1);'],
  ['noConsole', 'client/sdk/loud.ts', 'console.error(1);'],
  ['noBarrelFile', 'broker/barrel.ts', "export { a } from './long.js';"],
  ['noReExportAll', 'schemas/barrel.ts', "export * from './long.js';"],
  ['noImportCycles', 'broker/knot-a.ts', "import { b } from './knot-b.js';\nexport const a = b;"],
  [
    'noImportCycles',
    'broker/knot-b.ts',
    "import type { a } from './knot-a.js';\nexport const b: typeof a = 1;",
  ],
  ['noImportCycles', 'a/x.ts', "import '../b/y.js';"],
  ['noImportCycles', 'b/y.ts', "import '../c/z.js';"],
  ['noImportCycles', 'c/z.ts', "export type { X } from '../a/x.js';"],
  ['noExplicitAny', 'client/any.ts', 'export const x: Record<string, any> = {};'],
  ['noDefaultExport', 'client/default.ts', 'export default 1;'],
  ['noExcessiveLinesPerFile', 'test/long.ts', 'work();\n'.repeat(301)],
  ['noExcessiveLinesPerFunction', 'test/long-f.ts', long(71, 'export async function f()')],
  ['noExcessiveLinesPerFunction', 'test/long-t.test.ts', `${long(71, 't.test(async t =>')})`],
  ['noExcessiveLinesPerFunction', 'test/long-m.ts', `export class X {\n${long(71, '#f()')}}`],
];

const spared: readonly (readonly [path: string, text: string])[] = [
  ['broker/main.ts', "console.log(1);\nexport { f } from './long-f.js';"],
  ['client/cli/ask.ts', 'console.log(1);'],
  ['client/terminal/table.ts', 'console.log(1);'],
  ['schemas/index.ts', "export { f } from '../test/long-f.js';"],
  ['test/short.ts', 'work();\n'.repeat(300)],
  ['test/short-f.ts', long(68, 'export function f()')],
];

t.test('the tree breaks no rule of biome.json', async t => {
  t.equal(await biome(root, 'lint', '--diagnostic-level=warn', '.'), '');
});

t.test('a planted offender is found by its rule, and its neighbours are spared', async t => {
  const dir = await tempDir(t);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  write('biome.json', readFileSync(join(root, 'biome.json'), 'utf8'));
  for (const [, path, text] of offenders) write(path, text);
  for (const [path, text] of spared) write(path, text);
  const said = await biome(dir, 'lint', '--vcs-enabled=false', '--max-diagnostics=none', '.');
  for (const [rule, path] of offenders) {
    t.match(
      said,
      new RegExp(`^${path}[:\\d]*[^\\n]* lint/\\w+/${rule}\\b`, 'm'),
      `${rule}: ${path}`,
    );
  }
  for (const [path] of spared) t.notMatch(said, path);
});
