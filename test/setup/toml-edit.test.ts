// Proves the editor of TOML: tables below marked lines, and every other byte as it was.
import fc from 'fast-check';
import t from 'tap';
import { BrokenFile } from '../../client/setup/edit/json-tree.js';
import { putTables, readToml, TOML_MARK, tomlAt } from '../../client/setup/edit/toml-edit.js';

const SERVER = { command: 'signalbox', args: ['mcp'], tool_timeout_sec: 100 };
const KEY = '/home/ada/.codex/hooks.json:stop:0:0';
const OURS = [
  { path: ['mcp_servers', 'signalbox'], values: SERVER },
  { path: ['hooks', 'state', KEY], values: { trusted_hash: 'sha256:1' } },
];

/** A file as people write it: tables, texts of several lines, any ends of lines, or none. */
const anyFile = fc
  .tuple(
    fc.constantFrom('\n', '\r\n'),
    fc.uniqueArray(
      fc.constantFrom(
        ['model = "x" # why', 'n = 12345678901234567890123'.slice(0, 20)],
        ['# a note', '', ''],
        ['[mcp_servers.other]', 'command = "x"', ''],
        ['[hooks.state."/a:b"]', "trusted_hash = 'y'"],
        ['[texts]', 'long = """', '[mcp_servers.signalbox]', '"""', 'when = 2026-11-26'],
        ['[[list]]', 'a = { b = 1.5 }', ''],
      ),
      { selector: lines => lines[0], maxLength: 5 },
    ),
    fc.boolean(),
    fc.constantFrom('', '\ufeff'),
  )
  .map(([eol, parts, isEnded, bom]) => {
    const lines = parts.toSorted((a, b) => Number(a[0]?.[0] === '[') - Number(b[0]?.[0] === '['));
    return bom + lines.flat().join(eol) + (isEnded && parts.length > 0 ? eol : '');
  });

const place = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof BrokenFile) return [error.line, error.column];
    throw error;
  }
  return undefined;
};

t.test('what was put in and taken out again leaves every byte', async t => {
  fc.assert(
    fc.property(anyFile, file => {
      const made = putTables(file, OURS) as string;
      const isSame = putTables(made, OURS) === made;
      return isSame && made.startsWith(file) && putTables(made, []) === file;
    }),
    { numRuns: 300 },
  );
  t.equal(putTables(putTables(undefined, OURS), []), undefined, 'a file that was made goes');
  t.equal(putTables(putTables('', OURS), []), '', 'one that was empty stays');
});

t.test('the tables say what they should', async t => {
  const tree = readToml(putTables('a = 1\n[b]\nc = 2', OURS) as string);
  t.same(tomlAt(tree, ['mcp_servers', 'signalbox']), SERVER);
  t.same(tomlAt(tree, ['hooks', 'state', KEY]), { trusted_hash: 'sha256:1' });
  t.same([tree.a, tree.b], [1, { c: 2 }]);
});

t.test('tables that others add behind ours, and notes within them, are left', async t => {
  const made = putTables('a = 1\n', OURS.slice(0, 1));
  const theirs = '[projects."/work"]\ntrust_level = "trusted"\n';
  t.equal(putTables(`${made}${theirs}`, []), `a = 1\n${theirs}`);
  t.equal(putTables(`${made}\n# note\n${theirs}`, []), `a = 1\n\n# note\n${theirs}`);
  const changed = `${made}`.replace('args', '# mine\nenabled = false\nargs');
  t.equal(putTables(changed, []), 'a = 1\n', 'what stands in our table goes with it');
});

t.test('what cannot be edited without harm is refused with the place', async t => {
  const server = OURS.slice(0, 1);
  t.same(
    place(() => putTables('a = 1\nb = \n', server)),
    [2, 5],
    'no TOML',
  );
  t.same(
    place(() => putTables('[x]\n\n[mcp_servers.signalbox]\n', server)),
    [3, 1],
    'unmarked',
  );
  t.same(place(() => putTables('mcp_servers = { a = {} }\n', server))?.length, 2, 'closed table');
  const text = `a = """\n${TOML_MARK}\n[mcp_servers.signalbox]\nx = 1\n"""\n`;
  t.same(
    place(() => putTables(text, server)),
    [2, 1],
    'a mark within a text',
  );
  t.same(
    place(() => putTables(text, [])),
    [2, 1],
    'nor is that taken out',
  );
});
