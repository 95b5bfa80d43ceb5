// The list of invariants cannot rot: its checks exist, its mutants still apply, and one is run.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { invariants } from './list.js';
import { planted } from './plant.js';

const build = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(`${build}${file}`, 'utf8');

t.test('each of the 25 invariants has one row', async t => {
  const numbers = invariants.map(({ number }) => number);
  t.strictSame(
    numbers,
    Array.from({ length: 25 }, (_, n) => n + 1),
  );
});

t.test('each check exists, and bears the number of its invariant', async t => {
  const all = readdirSync(`${build}test`, { recursive: true, encoding: 'utf8' });
  const tests = all.filter(path => path.endsWith('.js') && !path.startsWith('mutants'));
  const text = tests.map(path => read(`test/${path}`)).join('\n');
  for (const { number, check } of invariants) {
    t.ok(all.includes(`${check.file}.test.js`), `${number}: ${check.file}`);
    t.ok(text.includes(check.title), check.title);
    t.match(check.title, new RegExp(`^(\\d+, )*${number}(, \\d+)*: `));
  }
});

t.test('each invariant has a mutant, and each mutant still applies', async t => {
  for (const { number, mutants } of invariants) {
    t.ok(mutants.length > 0, `${number}`);
    for (const mutant of mutants) t.not(planted(read(mutant.file), mutant), read(mutant.file));
  }
  const [first] = invariants[2]!.mutants;
  t.throws(() => planted('', first!), /stands 0 times/);
});

t.test('the run of mutants says which check caught which', async t => {
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  const said = await new Promise<string>(resolve =>
    execFile(process.execPath, [main, '25'], (_, text) => resolve(text)),
  );
  t.match(said, /^25 as it is: holds \(core\/authority, "25: /m);
  t.match(said, /^25 a peer that any token speaks for: caught \(core\/authority, "25: /m);
  t.match(said, /^1 mutants, 0 failures$/m);
});
