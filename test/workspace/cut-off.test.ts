// Runs that are cut off: killed at any step, on a full disk, two at once, and without links.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { finished, PROGRAM } from '../cli/shell.js';
import { tempDir } from '../dsl/nats.js';
import { smallDisk } from '../dsl/small-disk.js';
import { type Ground, ground, treeIn } from './ground.js';

/** Each step on the disk is counted; at the one that is named the process is killed before it. */
const PRELOAD = `
const fs = require('node:fs');
const { KILL_AT, NO_LINKS } = process.env;
let count = 0;
const steps = ['mkdirSync', 'writeFileSync', 'linkSync', 'symlinkSync', 'renameSync', 'rmSync'];
for (const name of steps) {
  const step = fs[name];
  fs[name] = (...given) => {
    count += 1;
    if (String(count) === KILL_AT) process.kill(process.pid, 'SIGKILL');
    if (NO_LINKS && name === 'symlinkSync') {
      throw Object.assign(new Error('EPERM: operation not permitted, symlink'),
        { code: 'EPERM', syscall: 'symlink' });
    }
    return step(...given);
  };
}
process.on('exit', () => process.stderr.write('steps ' + count));
`;

const preload = join(await tempDir(t), 'preload.cjs');
await writeFile(preload, PRELOAD);

/** Runs a verb on the workspace of a ground as a process of its own. */
function apart({ home }: Ground, verb: string, more: NodeJS.ProcessEnv = {}) {
  const noSetup = verb === 'init' ? ['--no-setup'] : [];
  const words = ['--require', preload, PROGRAM, 'orchestrator', verb, 'ws', ...noSetup];
  return finished(spawn(process.execPath, words, { cwd: home, env: { HOME: home, ...more } }));
}

/** A few steps of a run, from its first to its last; all of them where the whole is asked for. */
function some(steps: number): number[] {
  const every = process.env.WHOLE === undefined ? Math.ceil(steps / 5) : 1;
  return Array.from({ length: steps }, (_, at) => at + 1).filter(at => (at - 1) % every === 0);
}

async function stepsOf(t: Test, verb: string, at: Ground): Promise<number> {
  const { stderr, code } = await apart(at, verb);
  t.equal(code, 0, stderr);
  return Number(/steps (\d+)/.exec(stderr)?.[1]);
}

/** Nothing is half there: what the killed run left is of the tree before or of that after. */
function isWhole(at: Ground, before: Record<string, string>, after: Record<string, string>) {
  const odd = Object.entries(at.tree()).filter(([path, text]) => {
    return text !== before[path] && text !== after[path];
  });
  return odd.map(([path]) => path);
}

t.test('killed at any step, a second run completes it', async t => {
  const whole = await ground(t, { 'AGENTS.md': '# Mine\n' });
  const before = whole.tree();
  const steps = await stepsOf(t, 'init', whole);
  const after = whole.tree();
  for (const step of some(steps)) {
    const at = await ground(t, { 'AGENTS.md': '# Mine\n' });
    const { code } = await apart(at, 'init', { KILL_AT: `${step}` });
    t.equal(code, null, `killed before step ${step} of ${steps}`);
    t.strictSame(isWhole(at, before, after), []);
    t.equal((await at.init()).code, 0);
    t.strictSame(at.tree(), after);
    t.strictSame(readdirSync(join(at.root, '.signalbox')), ['workspace.json']);
    t.match(await at.init(), { stderr: /nothing in it was changed/ });
  }
});

t.test('so does a second update, and what was edited stays', async t => {
  const aged = async () => {
    const at = await ground(t);
    await at.init();
    for (const path of ['AGENTS.md', 'comms.md', 'projects.md']) at.age(path, 'older\n');
    at.write({ 'SOUL.md': 'mine\n' });
    return at;
  };
  const whole = await aged();
  const before = whole.tree();
  const steps = await stepsOf(t, 'update', whole);
  const after = whole.tree();
  for (const step of some(steps)) {
    const at = await aged();
    const { code } = await apart(at, 'update', { KILL_AT: `${step}` });
    t.equal(code, null, `killed before step ${step} of ${steps}`);
    t.strictSame(isWhole(at, before, after), []);
    t.equal((await at.update()).code, 0);
    t.strictSame(at.tree(), after);
    t.strictSame(readdirSync(join(at.root, '.signalbox')), ['workspace.json']);
  }
});

t.test('two at once make one workspace', async t => {
  const at = await ground(t);
  const runs = await Promise.all([apart(at, 'init'), apart(at, 'init')]);
  t.strictSame(
    runs.map(({ code }) => code),
    [0, 0],
    runs.map(({ stderr }) => stderr).join(),
  );
  const plain = await ground(t);
  await plain.init();
  t.strictSame(at.tree(), plain.tree());
  t.match(await at.init(), { stderr: /nothing in it was changed/ });
});

t.test('where there can be no links, skills are copied and follow their files', async t => {
  const at = await ground(t);
  t.match(await apart(at, 'init', { NO_LINKS: 'yes' }), { code: 0 });
  const skill = at.tree()['.agents/skills/adhd/SKILL.md'] ?? '';
  const mark = '\n<!-- signalbox: a copy of .agents/skills/adhd/SKILL.md, as there can be no link';
  const copy = () => at.tree()['.claude/skills/adhd/SKILL.md'] ?? '';
  t.ok(copy().startsWith(skill + mark));
  at.write({ '.agents/skills/adhd/SKILL.md': 'mine\n' });
  t.match(await at.update(), { code: 0, stdout: /brought up to date: \.claude\/skills\/\{adhd\}/ });
  t.ok(copy().startsWith(`mine\n${mark}`), 'also where links are possible now');
  at.write({ '.claude/skills/adhd/SKILL.md': 'edited\n' });
  t.equal((await at.update()).code, 0);
  t.equal(copy(), 'edited\n');
});

t.test('a full disk is told, and the same command goes on once there is room', async t => {
  const disk = await smallDisk(t, 'size=64k');
  if (disk === undefined) return;
  const at = await ground(t);
  await writeFile(join(disk, 'filler'), Buffer.alloc(24_576));
  const init = () => at.run(['orchestrator', 'init', join(disk, 'ws'), '--no-setup']);
  const full = await init();
  t.match(full, { code: 1, stderr: /cannot write in .*no space left on device\n.*goes on from/ });
  await writeFile(join(disk, 'filler'), '');
  const { execFileSync } = await import('node:child_process');
  execFileSync('mount', ['-o', 'remount,size=4m', disk]);
  t.match(await init(), { code: 0 });
  await at.init();
  t.strictSame(treeIn(join(disk, 'ws')), at.tree());
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  t.match(await init(), { code: 0, stderr: /nothing in it was changed/ }, 'read-only is enough');
});
