// Proves what the command line says without any broker: its help, its usage errors, its limits.
import type { Command } from 'commander';
import t from 'tap';
import { makeProgram } from '../../client/cli/program.js';
import { newShell } from './shell.js';

const world = {
  env: {},
  home: '/',
  userName: 'ada',
  directory: '/',
  program: ['node', 'main.js'] as const,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
};

t.test('every verb has a description and an example', async t => {
  const program = makeProgram(world);
  const leaves = leavesOf(program);
  t.ok(leaves.length > 50);
  for (const verb of leaves) {
    let help = '';
    verb.configureOutput({ writeOut: text => (help += text) });
    verb.outputHelp();
    t.ok(verb.description().length > 10, verb.name());
    t.match(help, /Examples:\n {2}\S/, `${verb.name()} shows an example`);
  }
});

/** Every verb that people type, however deep its group lies. */
function leavesOf(group: Command): Command[] {
  const shown = new Set(group.createHelp().visibleCommands(group));
  const verbs = group.commands.filter(verb => shown.has(verb));
  return verbs.flatMap(verb => (verb.commands.length > 0 ? leavesOf(verb) : [verb]));
}

t.test('help and version are data, and wrong usage ends with 2 and says where to look', async t => {
  const shell = await newShell(t);
  t.match(await shell.run(['--version']), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' });
  t.match(await shell.run(['ask', '--help']), { code: 0, stdout: /--reply-to/, stderr: '' });
  for (const args of [
    ['frobnicate'],
    ['ask'],
    ['up', '--port', 'x'],
    ['peers', '--circle', '*!'],
  ]) {
    t.match(
      await shell.run(args),
      { code: 2, stdout: '', stderr: /signalbox help/ },
      args.join(' '),
    );
  }
  t.match(await shell.run(['ask', 'bob']), { code: 2, stderr: /--file FILE/ });
  t.match(await shell.run(['whoami', '--as', 'Ada L']), { code: 2, stderr: /--as ada-l/ });
});

t.test('a text over the limit is refused before anything is sent', async t => {
  const shell = await newShell(t, { SIGNALBOX_URL: 'http://127.0.0.1:1' });
  const refused = await shell.run(['ask', 'bob', '-'], 'x'.repeat(200_000));
  t.match(refused, { code: 1, stderr: /192 KiB[\s\S]*send its path/ });
});

t.test('a script gets the error as JSON', async t => {
  const shell = await newShell(t);
  const { code, stderr } = await shell.run(['peers', '--json']);
  t.equal(code, 7);
  t.match(JSON.parse(stderr), { error: { exit: 7, message: /no broker/, hint: /signalbox up/ } });
});

t.test('without a token there is a hint of where to get one', async t => {
  const shell = await newShell(t, { SIGNALBOX_URL: 'http://127.0.0.1:1' });
  t.match(await shell.run(['peers']), { code: 4, stderr: /--token-file/ });
});
