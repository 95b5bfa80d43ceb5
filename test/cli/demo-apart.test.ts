// The demo plays on a broker of its own: what others see of their mesh is as it was before.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import t from 'tap';
import { tempDir } from '../dsl/nats.js';
import { until } from '../dsl/until.js';
import { finished, lineFrom, newShell, upIn } from './shell.js';

const TMPDIR = await tempDir(t);
const shell = await newShell(t, { TMPDIR, SIGNALBOX_AS: 'boss' });
const nobody = await newShell(t, { TMPDIR });

/** What an orchestrator, or anybody with the token, sees of the mesh. */
const sights: readonly (readonly string[])[] = [
  ['review', 'queue', '--all', '--json'],
  ['usage', '--json'],
  ['peers', '--all', '--json'],
  ['asks', '--all', '--json'],
  ['job', 'list', '--all', '--json'],
  ['schedule', 'list', '--all', '--others', '--json'],
  ['orchestrator', 'status', '--json'],
  ['tail', '--from', 'start', '--no-follow', '--json'],
];

const PASSING = /,?"(last_seen|status|present|reason|offline_since|cursor|at)":("[^"]*"|\w+)/g;

/** A minute after its start, and where something has happened, a broker signs its log. */
const SIGNED = /^.*"type":"log\.checkpointed".*\n/gm;

/** Without what the time alone changes. */
const seen = async () => {
  const runs = await Promise.all(sights.map(words => shell.run(words)));
  return runs.map(({ stdout }) => stdout.replace(SIGNED, '').replace(PASSING, ''));
};

/** The commands that were printed, typed as they stand; nobody reads along, so without pauses. */
function typed(said: string): Promise<readonly [string, number | null]>[] {
  const commands = [...said.matchAll(/^ {4}(\S.*)$/gm)].map(([, command = '']) => command);
  const shown = commands.filter(command => /main\.js|signalbox/.test(command));
  return shown.map(async command => {
    const cwd = shell.env.HOME;
    const fast = command.includes(' demo ') ? `${command} --fast` : command;
    const { code } = await finished(spawn('sh', ['-c', fast], { cwd, env: shell.env }));
    return [command, code] as const;
  });
}

async function stopped(child: ChildProcess) {
  const end = finished(child);
  child.kill('SIGINT');
  return end;
}

t.test('without a broker it plays to its end, and leaves no file and no process', async t => {
  const { code, stdout, stderr } = await nobody.run(['demo', '--fast']);
  t.match({ code, stdout }, { code: 0, stdout: /live on a broker of its own/ }, stderr);
  t.match(stdout, /\n {4}\S.* up\n/, 'and says how to start one to stay');
  t.same(await readdir(TMPDIR), []);
});

t.test('beside a broker that runs, everybody’s queues and totals are as before', async t => {
  await upIn(shell);
  await shell.run(['join', '--role', 'orchestrator']);
  const before = await seen();
  const { code, stdout } = await shell.run(['demo', '--fast']);
  t.equal(code, 0);
  t.same(await seen(), before);
  const results = await Promise.all(typed(stdout));
  t.equal(results.length, 3);
  t.match(results.map(([command]) => command).join('\n'), /demo --here\n.*open\n.*--help/);
  t.same(
    results.map(([, end]) => end),
    [0, 0, 0],
  );
});

t.test('Ctrl-C anywhere ends it with 130, and nothing of it is left', async t => {
  for (const at of [/signalbox demo/, /joined as/, /claimed/, /ask: may I migrate/]) {
    const playing = nobody.start('demo', '--fast');
    await lineFrom(playing, 'stdout', at);
    t.match(await stopped(playing), { code: 130, stderr: /stopped; nothing of it is left/ });
    t.same(await readdir(TMPDIR), [], `${at}`);
  }
  const twice = nobody.start('demo');
  await lineFrom(twice, 'stdout', /claimed/);
  twice.kill('SIGINT');
  t.match(await stopped(twice), { code: 130 }, 'also at once');
  t.same(await readdir(TMPDIR), []);
  const starting = nobody.start('demo');
  // Its directory is the first sign of a start under way.
  await until(async () => (await readdir(TMPDIR)).length > 0);
  t.match(await stopped(starting), { code: 130 }, 'also while its broker starts');
  t.same(await readdir(TMPDIR), []);
});
