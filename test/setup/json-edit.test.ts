// Proves the editor of JSON with comments: nothing but its own entries, and an exact way back.
import fc from 'fast-check';
import { getNodeValue } from 'jsonc-parser';
import t from 'tap';
import { addItem, putMember, removeAt } from '../../client/setup/edit/json-edit.js';
import { BrokenFile, nodeAt, readJson } from '../../client/setup/edit/json-tree.js';

const OURS = { type: 'command', command: 'signalbox hook claude-code', timeout: 5 };
const SERVER = { command: 'signalbox', args: ['mcp'], env: {} };

/** White space and comments, as somebody may have left them between two tokens. */
function trivia(eol: string): fc.Arbitrary<string> {
  const bits = [
    '',
    ' ',
    '\t',
    eol,
    `${eol}  `,
    '/* ] } , */',
    `// it's "so" {${eol}`,
    `/*${eol}*/`,
  ];
  return fc.array(fc.constantFrom(...bits), { maxLength: 3 }).map(parts => parts.join(''));
}

/** A file of settings, in any layout. */
function settings(eol: string): fc.Arbitrary<string> {
  const blank = trivia(eol);
  const list = (open: string, close: string, entry: fc.Arbitrary<string>) =>
    fc
      .tuple(fc.array(fc.tuple(blank, entry, blank), { maxLength: 3 }), blank, fc.boolean())
      .map(([entries, end, hasLast]) => {
        const inside = entries.map(parts => parts.join('')).join(',');
        return `${open}${inside}${hasLast && entries.length > 0 ? ',' : ''}${end}${close}`;
      });
  const scalar = fc.constantFrom('1', '"a, b"', 'null', '"\\u007d"', '"// no comment"', 'true');
  const items = list('[', ']', fc.oneof(scalar, list('[', ']', scalar)));
  const member = (key: string, value: fc.Arbitrary<string>) =>
    fc.tuple(blank, blank, value).map(([a, b, text]) => `"${key}"${a}:${b}${text}`);
  const object = (members: Record<string, fc.Arbitrary<string>>) =>
    fc
      .subarray(Object.keys(members))
      .chain(keys => {
        const each = keys.map(key => fc.tuple(blank, member(key, members[key]!), blank));
        return fc.tuple(fc.tuple(...each), blank, fc.boolean());
      })
      .map(([entries, end, hasLast]) => {
        const inside = entries.map(parts => parts.join('')).join(',');
        return `{${inside}${hasLast && entries.length > 0 ? ',' : ''}${end}}`;
      });
  const hooks = object({ Stop: items, SessionStart: items });
  const root = object({ hooks, mcpServers: object({ other: items, another: scalar }), z: scalar });
  return fc.tuple(fc.constantFrom('', '\ufeff'), blank, root, blank).map(parts => parts.join(''));
}

const anyFile = fc.constantFrom('\n', '\r\n').chain(settings);
const EVENTS = ['Stop', 'UserPromptSubmit', 'SessionStart'];

function added(file: string | undefined): string {
  let text = file;
  for (const event of EVENTS) text = addItem(text, ['hooks', event], { hooks: [OURS] });
  return putMember(text, ['mcpServers', 'signalbox'], SERVER);
}

/** All of ours out again, from the last to the first. */
function takenOut(file: string): string | undefined {
  let text: string | undefined = file;
  while (text !== undefined) {
    const doc = readJson(text);
    const paths: (string | number)[][] = EVENTS.flatMap(event => {
      const groups = nodeAt(doc, ['hooks', event])?.children ?? [];
      const path = (_: unknown, at: number) => ['hooks', event, at];
      return groups.map(path).filter((_, at) => groups[at]?.type === 'object');
    });
    const all = [...paths, ['mcpServers', 'signalbox']];
    const place = (path: (string | number)[]) => nodeAt(doc, path)?.offset ?? -1;
    const [last] = all.filter(path => place(path) >= 0).sort((a, b) => place(b) - place(a));
    if (last === undefined) return text;
    text = removeAt(text, last);
  }
  return text;
}

t.test('what was put in and taken out again leaves every byte', async t => {
  fc.assert(
    fc.property(anyFile, file => {
      return takenOut(added(file)) === file;
    }),
    { numRuns: 120 },
  );
  for (const file of ['', ' \n', '{}', '{ }', '{\n}\n', '{"hooks":{"Stop":[]}}', '\ufeff{}\r\n']) {
    t.equal(takenOut(added(file)), file, JSON.stringify(file));
  }
  t.equal(takenOut(added(undefined)), undefined, 'a file that was made goes');
});

t.test('what others wrote stands as they wrote it, and means the same', async t => {
  fc.assert(
    fc.property(anyFile, file => {
      const now = readJson(added(file));
      const value = (text: ReturnType<typeof readJson>) => getNodeValue(text.root!);
      const [before, after] = [value(readJson(file)), value(now)];
      for (const event of EVENTS) {
        const own = after.hooks[event].pop();
        if (JSON.stringify(own) !== JSON.stringify({ hooks: [OURS] })) return false;
        if (before.hooks?.[event] === undefined) delete after.hooks[event];
      }
      delete after.mcpServers.signalbox;
      for (const key of ['hooks', 'mcpServers']) if (!before[key]) delete after[key];
      return JSON.stringify(after) === JSON.stringify(before);
    }),
    { numRuns: 60 },
  );
  t.pass('each');
});

t.test('what others wrote behind ours while it stood there is left', async t => {
  const file = '{\n  // mine\n  "a": 1 // one\n}\n';
  const ours = putMember(file, ['mcpServers', 'signalbox'], SERVER);
  const more = ours.replace(/\n}\n$/, ',\n  "b": 2\n}\n');
  t.equal(takenOut(more), '{\n  // mine\n  "a": 1, // one\n  "b": 2\n}\n');
  const noted = putMember('{}', ['hooks', 'x'], 1).replace('"x"', '/* why */ "x"');
  t.equal(removeAt(noted, ['hooks', 'x']), '{"hooks": {\n    /* why */\n  }}', 'comments stay');
});

t.test('it is laid out as the file is', async t => {
  const tabs = '{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}\r\n';
  t.equal(
    putMember(tabs, ['a', 'c'], [2]),
    '{\r\n\t"a": {\r\n\t\t"b": 1,\r\n\t\t"c": [\r\n\t\t\t2\r\n\t\t]\r\n\t}\r\n}\r\n',
  );
  t.equal(putMember('{"a":1,}', ['b'], 2), '{"a":1,\n  "b": 2,}');
  t.equal(putMember('{"a":1}', ['a'], [2]), '{"a":[\n  2\n]}', 'a value gives way to another');
});

t.test('a broken file is refused with the place', async t => {
  const place = (file: string) => {
    try {
      putMember(file, ['hooks', 'x'], 1);
    } catch (error) {
      if (error instanceof BrokenFile) return [error.line, error.column];
      throw error;
    }
    return undefined;
  };
  t.same(place('{\n  "a": 1\n  "b": 2\n}'), [3, 3], 'a comma is missing');
  t.same(place('{\r\n  "a": [1, 2\r\n'), [3, 1], 'it ends too early');
  t.same(place('{"a": tru}'), [1, 7], 'a word that is none');
  t.same(place('{"hooks": {}, "hooks": {}}'), [1, 15], 'a name that stands twice');
  t.same(place('{"hooks": []}'), [1, 11], 'a list where names are wanted');
  t.same(place('[]'), [1, 1], 'no settings at all');
  t.same(place('{} {}'), [1, 4], 'two of them');
  t.same(place('['.repeat(200_000)), [1, 1], 'deeper than anybody means');
});
