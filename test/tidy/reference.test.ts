// Plants tables in REFERENCE.md that the code does not bear out, and sees each of them found.
import t from 'tap';
import { exits } from '../../client/terminal/exit.js';
import { methods } from '../../schemas/method.js';
import { refusals } from '../../schemas/refusal.js';
import {
  brokenLinks,
  missingFiles,
  referenceTables,
  staleTables,
  strangeCommands,
  untoldExits,
  withTables,
} from './reference.js';

const tables = { refusals: '| `invalid` |\n' };
const paper = (name: string, table: string) =>
  `# A\n<!-- table: ${name} -->\n${table}<!-- end -->\n`;

t.test('a table that is missing, old or unknown is found', async t => {
  t.same(staleTables(paper('refusals', '| `invalid` |\n'), tables), []);
  t.match(staleTables('', tables), [/the table of refusals is not what the code says/]);
  t.match(staleTables(paper('refusals', '| `gone` |\n'), tables), [/table of refusals/]);
  t.match(staleTables(paper('refusals', tables.refusals) + paper('birds', ''), tables), [
    /nobody writes a table of birds/,
  ]);
});

t.test('what was found is mended, and nothing beside it', async t => {
  const old = `${paper('refusals', '| `gone` |\n')}kept\n`;
  t.equal(withTables(old, tables), `${paper('refusals', tables.refusals)}kept\n`);
});

t.test('the generated tables name every method and every refusal', async t => {
  const { methods: told = '', refusals: refused = '' } = referenceTables();
  for (const name of Object.keys(methods)) t.ok(told.includes(`| \`${name}\` |`), name);
  for (const name of Object.keys(refusals)) t.ok(refused.includes(`| \`${name}\` |`), name);
});

t.test(
  'a command that acts itself has its row before its own, and a mere group has none',
  async t => {
    const { commands = '' } = referenceTables();
    t.match(commands, /\| `signalbox spawn` \| start a session .*\n\| `signalbox spawn allow` \|/);
    t.notMatch(commands, '| `signalbox board` |');
  },
);

t.test('an exit code that is left out or invented is found', async t => {
  const rows = [...Object.values(exits), 129, 143].map(code => `| ${code} | a meaning |`);
  t.same(untoldExits(rows.join('\n')), []);
  t.match(untoldExits(rows.slice(1).join('\n')), ['REFERENCE.md lacks exit 0']);
  t.match(untoldExits([...rows, '| 99 | no such |'].join('\n')), ['REFERENCE.md invents exit 99']);
});

t.test('a command or option that there is not is found', async t => {
  const kept = 'run `signalbox ask api "is --this it?" --wait`\ngit diff | signalbox ask api -\n';
  t.same(strangeCommands('A.md', `${kept}\n\`signalbox job create "Fix it" --kind fix\``), []);
  for (const typed of ['sing', 'job sing', 'ask api --sing', 'job create x --owe you']) {
    t.match(strangeCommands('A.md', `try \`signalbox ${typed}\``), [`not: signalbox ${typed}`]);
  }
});

t.test('a file that is named and not there is found', async t => {
  const paths = ['broker/core/fold.ts', 'test/dsl/given.ts'];
  t.same(missingFiles('A.md', '`fold.ts` `core/fold.ts` `test/dsl/given.ts`', paths), []);
  t.match(missingFiles('A.md', '`unfold.ts` and `old.ts`', paths), [/`unfold.ts`/, /`old.ts`/]);
});

t.test('a link to a heading that is not there is found', async t => {
  const papers = new Map([
    ['A.md', '## Who may, and what\n'],
    ['B.md', '# B\n'],
  ]);
  t.same(brokenLinks('A.md', '[a](#who-may-and-what) [b](B.md#b) [c](B.md)', papers), []);
  t.match(brokenLinks('A.md', '[a](#b) [b](B.md#who)', papers), [/to A.md#b/, /to B.md#who/]);
});
