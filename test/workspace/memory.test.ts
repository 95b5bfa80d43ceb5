// Proves memory: rules that are files, what a new one repeats or contradicts, and nothing is lost.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import {
  forgetRule,
  type NewRule,
  readMemory,
  searchMemory,
  writeRule,
} from '../../client/workspace/memory.js';
import { findingsOf } from '../../client/workspace/rule-check.js';
import { type MemoryRule, readRule, ruleText, slugOf } from '../../client/workspace/rule-file.js';
import { tempDir } from '../dsl/nats.js';
import { exitOf } from './exit-of.js';

const now = new Date('2026-11-26T18:00:00.500Z');

async function workspace(t: Test) {
  const home = await tempDir(t);
  const folder = join(home, 'boss');
  await mkdir(join(folder, 'memory'), { recursive: true });
  const put = (name: string, text: string | Buffer) =>
    writeFile(join(folder, 'memory', name), text);
  return { home, folder, put };
}

const rule = (words: string, ...tags: string[]): NewRule => ({
  ...{ words, tags, reason: 'it "went": wrong', by: 'ada (human)' },
});

t.test('a rule is a file that says when, why, for what and by whom, and reads back', async t => {
  const { folder } = await workspace(t);
  const words = 'Never force-push to main.\n\nNot even once.';
  const written = writeRule(folder, rule(words, 'project:web', 'topic:git'), { now });
  t.match(written, { id: 'never-force-push-main-not-even-once' });
  const [read] = readMemory(folder).rules;
  t.match(read, {
    ...{ words, tags: ['project:web', 'topic:git'], date: '2026-11-26T18:00:00Z' },
    ...{ reason: 'it "went": wrong', by: 'ada (human)', time: Date.parse('2026-11-26T18:00Z') },
  });
  t.same(await readdir(join(folder, 'memory')), [`${read?.id}.md`], 'and no draft is left');
});

t.test('what was written by hand is a rule too, in whatever form', async t => {
  const { folder, put } = await workspace(t);
  await put('plain.md', '\ufeff# Ask first\r\n\r\nbefore a deploy');
  await put('listed.md', '---\ntags:\n  - project:web\n  - peer:api\nodd: x\n---\nlisted\n');
  await put('inline.md', "---\nfor: [project:web, 'topic:git']\ndate: soon\n---\ninline\n");
  await put('open.md', '---\nnot closed\n');
  const ruled = 'first\n\n---\nreason: no head\n---\nlast';
  await put('ruled.md', ruled);
  await put('README.md', 'no rule');
  await put('forgotten.md', 'no rule');
  await put('.hidden.md', 'no rule');
  await put('empty.md', '---\ndate: 2026-01-01\n---\n');
  await put('binary.md', Buffer.from([0xff, 0, 1]));
  const { rules, faults } = readMemory(folder);
  const byId = new Map(rules.map(each => [each.id, each]));
  t.same([...byId.keys()].sort(), ['inline', 'listed', 'open', 'plain', 'ruled']);
  t.equal(byId.get('ruled')?.words, ruled, 'a head stands at the head');
  t.match(byId.get('plain'), { words: '# Ask first\n\nbefore a deploy', tags: [] });
  t.same(byId.get('listed')?.tags, ['project:web', 'peer:api']);
  t.same(byId.get('inline')?.tags, ['project:web', 'topic:git']);
  t.match(byId.get('open'), { words: '---\nnot closed' });
  t.same(faults.map(({ file }) => file).sort(), ['binary.md', 'empty.md'], 'and that is said');
});

t.test('what repeats a rule or goes against one is pointed out, with its id', async t => {
  const one = (words: string, ...tags: string[]): MemoryRule => ({
    ...{ id: 'old', words, tags, time: 0, isWhole: true },
  });
  const kinds: [string, string, string | undefined][] = [
    ['Never force-push to main.', 'never FORCE push to main', 'same'],
    ['Force-push to main when asked', 'Never force-push to main', 'contradicts'],
    ['Don’t deploy on Fridays', 'Deploy on Fridays', 'contradicts'],
    ['Use tabs for indentation', 'Use spaces for indentation', 'contradicts'],
    ['Keep pull requests under 400 lines', 'Keep pull requests under 300 lines', 'contradicts'],
    ['Run the tests before every merge to main', 'Run tests before each merge to main', 'similar'],
    ['Tell Ada of every failing nightly build', 'Tell Ada about failing nightly builds', 'similar'],
    ['Speak German with Ada', 'Never deploy on Fridays', undefined],
    ['Größe zählt', 'GRÖSSE zählt!', 'same'],
  ];
  for (const [fresh, old, kind] of kinds) {
    const [found] = findingsOf({ words: fresh, tags: [] }, [one(old)]);
    t.equal(found?.kind, kind, fresh);
  }
  const [web, api, peer] = ['project:web', 'project:api', 'peer:api'];
  const old = [one('Use npm', web!)];
  t.same(findingsOf({ words: 'Use npm', tags: [api!] }, old), [], 'never both at once');
  t.equal(findingsOf({ words: 'Use npm', tags: [peer!] }, old).length, 1);
  t.equal(findingsOf({ words: 'Use npm', tags: [] }, old).length, 1);
});

t.test('what was pointed out is written all the same where that is meant', async t => {
  const { folder } = await workspace(t);
  writeRule(folder, rule('Use tabs for indentation'), { now });
  const spaces = rule('Use spaces for indentation');
  const found = { findings: [{ id: 'use-tabs-indentation', kind: 'contradicts' }] };
  t.same(writeRule(folder, spaces, { now }), found);
  t.equal(readMemory(folder).rules.length, 1, 'nothing is written');
  writeRule(folder, spaces, { now, replaces: 'use-tabs-indentation' });
  t.same(
    readMemory(folder).rules.map(({ id }) => id),
    ['use-spaces-indentation'],
  );
  t.match(await readFile(join(folder, 'memory', 'forgotten.md'), 'utf8'), /> Use tabs for ind/);
  writeRule(folder, rule('Use tabs for indentation'), { now, anyway: true });
  t.equal(readMemory(folder).rules.length, 2);
  t.match(
    writeRule(folder, rule('use tabs for INDENTATION!'), { now, anyway: true }),
    { findings: [{ kind: 'same' }] },
    'the same words twice are nobody’s wish',
  );
  t.equal(
    exitOf(() => writeRule(folder, rule('x y z'), { now, replaces: 'gone' })),
    'unknown',
  );
});

t.test('a rule that takes the name of another has a number, and never its place', async t => {
  const { folder, put } = await workspace(t);
  await put('deploy-fridays.md', 'Something else that stands under this name');
  t.match(writeRule(folder, rule('Deploy on Fridays'), { now }), { id: 'deploy-fridays-2' });
  t.match(await readFile(join(folder, 'memory', 'deploy-fridays.md'), 'utf8'), /^Something else/);
});

t.test('what is forgotten is kept beside, whole, with who and why', async t => {
  const { folder, put } = await workspace(t);
  const text = '---\nodd: kept\n---\nBy hand\n\n> quoted\n';
  await put('hand.md', text);
  forgetRule(folder, 'hand', { reason: 'done with', by: 'ada (human)' }, now);
  const kept = await readFile(join(folder, 'memory', 'forgotten.md'), 'utf8');
  t.match(kept, /^## hand, forgotten 2026-11-26 by ada \(human\)\n\ndone with\n\n/);
  const lines = kept.split('\n').filter(line => line.startsWith('> '));
  t.equal(`${lines.map(line => line.slice(2)).join('\n')}\n`, text);
  t.same(readMemory(folder).rules, []);
  for (const id of ['hand', '../hand', 'README', '']) {
    const gone = { reason: 'x', by: 'x' };
    t.equal(
      exitOf(() => forgetRule(folder, id, gone, now)),
      'unknown',
      id,
    );
  }
});

t.test('no link leads out of the folder, to be read or written through', async t => {
  const { home, folder, put } = await workspace(t);
  await writeFile(join(home, 'secret'), 'secret');
  await symlink(join(home, 'secret'), join(folder, 'memory', 'link.md'));
  await put('mine.md', 'mine');
  t.match(readMemory(folder).faults, [{ file: 'link.md', fault: /link out/ }]);
  await symlink(join(home, 'secret'), join(folder, 'memory', 'forgotten.md'));
  const gone = { reason: 'x', by: 'x' };
  t.equal(
    exitOf(() => forgetRule(folder, 'mine', gone, now)),
    'failed',
  );
  t.equal(await readFile(join(home, 'secret'), 'utf8'), 'secret');
  t.equal(readMemory(folder).rules.length, 1, 'what could not be kept stays');
});

t.test('a name is made of any words; a search finds them however they are written', async t => {
  t.equal(slugOf('Größe und Maß'), 'große-und-maß');
  t.equal(slugOf('README'), 'rule-readme');
  t.equal(slugOf('…'), 'rule');
  t.equal(slugOf('../../etc/passwd'), 'etc-passwd');
  t.ok(Buffer.byteLength(`${slugOf('漢'.repeat(500))}.md`) < 255);
  const text = ruleText({ ...rule('Größe zählt', 'topic:ui'), isWhole: true });
  const read = readRule('size', { text, isWhole: true, mtime: 0 });
  t.same(searchMemory([read!], 'nothing').length, 0);
  t.same(searchMemory([read!], 'GRÖSSE zähl ui').length, 1);
});

t.test('of two who write the same rules at once, each rule has one file', async t => {
  const { folder } = await workspace(t);
  const module = new URL('../../client/workspace/memory.js', import.meta.url).href;
  const names = 'ada bob cyd dan eve fay gus hal ivy jon kim lee'.split(' ');
  const script = `import { writeRule } from '${module}';
    for (const name of ${JSON.stringify(names)}) writeRule(${JSON.stringify(folder)},
      { words: name, tags: [], reason: 'x', by: 'x' }, { now: new Date() });`;
  const write = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  await Promise.all([write(), write()]);
  t.same(
    (await readdir(join(folder, 'memory'))).sort(),
    names.map(name => `${name}.md`),
  );
});
