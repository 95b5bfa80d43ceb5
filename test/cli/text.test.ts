// Proves where the text of a message comes from, and that it is bounded before it is sent.
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { needText, readText } from '../../client/cli/text.js';
import { limits } from '../../schemas/limits.js';
import { tempDir } from '../dsl/nats.js';
import { failureOf } from './failure.js';

const given = (input: AsyncIterable<Buffer>) => ({ stdin: input, directory: tmpdir() });
const stdin = (...chunks: (string | Buffer)[]) =>
  given(Readable.from(chunks.map(chunk => Buffer.from(chunk))));
const nothing = stdin();

t.test('words are joined, and what is attached stands below them', async t => {
  const file = join(await tempDir(t), 'notes.md');
  await writeFile(file, '# notes\n');
  t.equal(await readText({ words: ['may', 'I?'] }, nothing), 'may I?');
  t.equal(await readText({ words: ['-'] }, stdin('diff\n', 'more\n\n')), 'diff\nmore');
  t.equal(await readText({ words: ['see', '-'] }, stdin('diff')), 'see\n\ndiff');
  t.equal(await readText({ words: [], file }, nothing), '# notes');
  t.equal(await readText({ words: ['a', '-'], file }, stdin('c')), 'a\n\n# notes\n\nc');
});

t.test('a character cut in two by a chunk is whole again', async t => {
  const bytes = Buffer.from('grün');
  const halves = stdin(bytes.subarray(0, 3), bytes.subarray(3));
  t.equal(await readText({ words: ['-'] }, halves), 'grün');
});

t.test('no source is no text, which some verbs need', async t => {
  t.equal(await readText({ words: [] }, nothing), undefined);
  t.match(await failureOf(needText({ words: [] }, nothing)), { exit: 'usage', hint: /--file/ });
});

t.test('an empty source is told, not sent', async t => {
  t.match(await failureOf(readText({ words: ['-'] }, stdin('\n\n'))), {
    exit: 'usage',
    message: /stdin/,
  });
  t.match(await failureOf(readText({ words: [' '] }, nothing)), {
    exit: 'usage',
    message: /empty/,
  });
});

t.test('a text over the limit is refused before it is read to its end', async t => {
  const kib = Buffer.alloc(1_024, 'x');
  const endless = async function* () {
    for (;;) yield kib;
  };
  t.match(await failureOf(readText({ words: ['-'] }, given(endless()))), {
    refusal: 'too_large',
    hint: /file/,
  });
  const whole = 'é'.repeat(limits.text_bytes / 2);
  t.equal(await readText({ words: ['-'] }, stdin(whole)), whole);
  t.match(await failureOf(readText({ words: ['x', '-'] }, stdin(whole))), { refusal: 'too_large' });
});

t.test('a file that cannot be read is named', async t => {
  t.match(await failureOf(readText({ words: [], file: '/nowhere/at.all' }, nothing)), {
    exit: 'failed',
    message: /\/nowhere\/at\.all/,
  });
});

t.test('a file of Windows is read as the text it is, in each of its encodings', async t => {
  const dir = await tempDir(t);
  const words = 'Fix the login\nGrüße, 日本 👍';
  const lines = words.replace('\n', '\r\n');
  const little = Buffer.from(`\ufeff${lines}\r\n`, 'utf16le');
  const files = {
    'utf-8 with a mark': Buffer.from(`\ufeff${lines}\r\n`),
    'utf-8 without': Buffer.from(`${lines}\r\n`),
    'two of them joined': Buffer.from('\ufeffFix the login\r\n\ufeffGrüße, 日本 👍\r\n'),
    'utf-16 le': little,
    'utf-16 be': Buffer.from(little).swap16(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(dir, name), bytes);
    t.equal(await readText({ words: [], file: join(dir, name) }, nothing), words, name);
    t.equal(await readText({ words: ['-'] }, stdin(bytes)), words, `${name} on stdin`);
  }
});

t.test('bytes that are no text are refused, never sent as something else', async t => {
  const wrong = {
    'latin-1': Buffer.from('Gr\u00fc\u00dfe', 'latin1'),
    'a NUL byte': Buffer.from('a\0b'),
    'utf-16 without a mark': Buffer.from('abc', 'utf16le'),
    'utf-16 cut in a character': Buffer.from([0xff, 0xfe, 0x61]),
    'half a pair': Buffer.from([0xff, 0xfe, 0x3d, 0xd8]),
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    const failure = await failureOf(readText({ words: ['-'] }, stdin(bytes)));
    t.match(failure, { exit: 'usage', message: /stdin is no text/, hint: /UTF-8/ }, name);
  }
});

t.test('a file named without a folder lies where the shell stands', async t => {
  const directory = await tempDir(t);
  await writeFile(join(directory, 'notes.md'), 'here');
  t.equal(await readText({ words: [], file: 'notes.md' }, { ...nothing, directory }), 'here');
});
