// Proves where the text of a message comes from, and that it is bounded before it is sent.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { needText, readText } from '../../client/cli/text.js';
import { limits } from '../../schemas/limits.js';
import { tempDir } from '../nats.js';
import { failureOf } from './failure.js';

const stdin = (...chunks: string[]) => Readable.from(chunks.map(chunk => Buffer.from(chunk)));
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
  const halves = Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]);
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
  t.match(await failureOf(readText({ words: ['-'] }, endless())), {
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
