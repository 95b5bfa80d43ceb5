// Bringing a workspace up to date: what is untouched follows the program, what was edited stays.
import { rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { clearPersona, newPersona, usePersona } from '../../client/workspace/personas.js';
import { type Ground, ground, markerIn } from './ground.js';

async function made(t: Test): Promise<Ground> {
  const at = await ground(t);
  await at.init();
  return at;
}

t.test('what is untouched is brought up to date, whatever git made of its line ends', async t => {
  const at = await made(t);
  const tree = at.tree();
  at.age('comms.md', 'older\n');
  at.age('AGENTS.md', 'older\n');
  at.age('projects.md', 'older\n');
  at.write({ 'projects.md': 'older\r\n' });
  const aged = at.tree();
  const dry = await at.update('--dry-run', '--diff');
  t.match(dry, { code: 0, stdout: /-older/, stderr: /nothing was written/ });
  t.strictSame(at.tree(), aged, 'a dry run writes nothing');
  t.match(await at.init(), { code: 0, stderr: /3 parts to bring up to date: signalbox orch/ });
  t.strictSame(at.tree(), aged, 'init updates nothing');
  t.match(await at.update(), {
    code: 0,
    stdout: /brought up to date: AGENTS\.md, comms\.md, proj/,
  });
  const after = { ...tree, 'projects.md': tree['projects.md']?.replaceAll('\n', '\r\n') };
  t.strictSame(at.tree(), after);
  t.match(await at.update(), { code: 0, stdout: /^(?!.*brought)/s });
  t.strictSame(at.tree(), after);
});

t.test('an edit stays, and its user sees what is shipped now, until it is settled', async t => {
  const at = await made(t);
  const shipped = at.tree()['comms.md'] ?? '';
  at.age('comms.md', 'older\n');
  at.write({ 'comms.md': 'mine\n' });
  for (let times = 0; times < 2; times += 1) {
    const { stdout, stderr } = await at.update();
    t.match(stdout, /comms\.md: left, yours \(you changed it, and a newer one is shipped\)\n/);
    t.match(stdout, /^ {4}-mine\n {4}\+# How I want/m, 'theirs against what is shipped');
    t.match(stderr, /--take comms\.md/);
    t.equal(at.tree()['comms.md'], 'mine\n');
  }
  const [row] = (
    (await at.json(['orchestrator', 'update', 'ws', '--dry-run'])) as {
      rows: { path: string; diff?: string }[];
    }
  ).rows.filter(({ path }) => path === 'comms.md');
  t.match(row, { standing: 'differs', diff: /^--- comms\.md\n\+\+\+ comms\.md\n/ });
  await at.update('--keep', 'comms.md');
  t.match(await at.update(), { stdout: /yours: comms\.md/, stderr: /^(?!.*--take)/s });
  t.match(await at.update('--diff'), { stdout: /comms\.md: yours\n {4}---/ });
  t.equal(at.tree()['comms.md'], 'mine\n');
  t.match(await at.update('--take', 'comms.md'), { code: 0, stdout: /a copy of yours beside it/ });
  t.equal(at.tree()['comms.md'], shipped);
  const [copy = ''] = (await readdir(at.root)).filter(name => name.startsWith('comms.md.'));
  t.equal(await readFile(join(at.root, copy), 'utf8'), 'mine\n');
  t.match(await at.update(), { code: 0, stdout: /^(?!.*yours)/s });
});

t.test('a persona in use is no change of its user, and cleared leaves the whole tree', async t => {
  const at = await made(t);
  newPersona({ workspace: at.root, global: undefined }, 'calm', false, 'Calm.\n');
  const tree = at.tree();
  usePersona(at.root, { name: 'calm', isGlobal: false });
  const used = at.tree();
  t.match(await at.update('--diff'), { code: 0, stdout: /^(?!.*yours)/s });
  t.match(await at.update('--take', 'SOUL.md'), { code: 0 });
  t.strictSame(at.tree(), used, 'to take what is shipped takes no persona away');
  clearPersona(at.root);
  t.strictSame(at.tree(), tree);
});

t.test('what was removed stays removed until it is wanted back', async t => {
  const at = await made(t);
  const whole = at.tree();
  for (const path of ['projects.md', '.agents/skills/adhd', '.claude/skills/adhd']) {
    rmSync(join(at.root, path), { recursive: true });
  }
  at.write({ 'AGENTS.md': '# Mine\n' });
  const tree = at.tree();
  const { stdout, code } = await at.update();
  t.equal(code, 0);
  for (const path of ['projects.md', '.agents/skills/adhd/SKILL.md', 'AGENTS.md']) {
    t.ok(stdout.includes(`${path}: left out (you removed it)`), path);
  }
  await at.init();
  t.strictSame(at.tree(), tree);
  const all = ['projects.md', 'ws/.agents/skills/adhd', '.claude/skills/adhd/', 'AGENTS.md'];
  t.equal((await at.update('--restore', ...all)).code, 0);
  t.strictSame(at.tree(), { ...whole, 'AGENTS.md': `# Mine\n\n${whole['AGENTS.md']}` });
  t.match(await at.update('--restore', 'nothing'), { code: 2, stderr: /is no part/ });
});

t.test('a block changes within its marks only; damaged marks are told', async t => {
  const at = await made(t);
  const block = at.tree()['AGENTS.md'] ?? '';
  at.age('AGENTS.md', 'older\n');
  const older = at.tree()['AGENTS.md'] ?? '';
  at.write({ 'AGENTS.md': Buffer.from(`above\n${older}below`, 'latin1') });
  t.equal((await at.update()).code, 0);
  t.equal(at.tree()['AGENTS.md'], `above\n${block}below`);
  const edited = `above\n${block.replace('You coordinate', 'You command')}below`;
  at.write({ 'AGENTS.md': Buffer.from(edited, 'latin1') });
  t.match(await at.update(), { code: 0, stdout: /yours: AGENTS\.md/ });
  t.equal(at.tree()['AGENTS.md'], edited);
  for (const [text, said] of [
    [edited + block, 'a mark stands twice'],
    [edited.replace(/<!-- signalbox: begin.*\n/, ''), 'the mark of its begin is gone'],
    [edited.replace(/<!-- signalbox: end.*\n/, ''), 'the mark of its end is gone'],
  ] as const) {
    at.write({ 'AGENTS.md': Buffer.from(text, 'latin1') });
    const told = await at.update('--take', 'AGENTS.md');
    t.match(told, { code: 1, stdout: `AGENTS.md: left (${said})`, stderr: said });
    t.equal(at.tree()['AGENTS.md'], text);
  }
});

t.test('new parts come, those shipped no more go where they are untouched', async t => {
  const at = await made(t);
  const tree = at.tree();
  const [old, edited] = ['.agents/skills/old/SKILL.md', '.agents/skills/changed/SKILL.md'];
  at.write({ [old]: 'x', [edited]: 'x', '.claude/skills/old': '-> ../../.agents/skills/old' });
  for (const path of [old, edited]) at.age(path, 'old\n');
  at.write({ [edited]: 'mine\n' });
  const marker = markerIn(at.root);
  const { 'comms.md': _, ...parts } = marker.parts;
  rmSync(join(at.root, 'comms.md'));
  at.write({ '.signalbox/workspace.json': JSON.stringify({ ...marker, parts }) });
  t.match(await at.update(), { code: 0, stdout: /made: comms\.md\n.*removed: .*\{old\}/s });
  const { [edited]: mine, '.agents/skills/changed': __, ...rest } = at.tree();
  t.equal(mine, 'mine\n');
  const { '.claude/skills/old': dangling, ...others } = rest;
  t.equal(dangling, '-> ../../.agents/skills/old', 'a link that is not known as ours stays');
  t.strictSame(others, tree);
});

t.test('what cannot be taken is told, and stays', async t => {
  const at = await made(t);
  at.write({ '.signalbox.yaml': 'role: orchestrator\ncircle: web\n' });
  rmSync(join(at.root, '.claude/skills/adhd'));
  at.write({ '.claude/skills/adhd': '-> ../elsewhere' });
  const tree = at.tree();
  for (const path of ['.signalbox.yaml', '.claude/skills/adhd']) {
    const said = await at.update('--take', path);
    t.match(said, { code: 0, stderr: `${path} was not taken: move it away` });
  }
  t.strictSame(at.tree(), tree);
});

t.test('a folder that is no workspace is none to update', async t => {
  const at = await ground(t, { 'a.md': 'x' });
  t.match(await at.update(), { code: 5, stderr: /lies in no workspace/ });
});
