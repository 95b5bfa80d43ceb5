// The README part on the orchestrator, typed word for word in a real shell.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { newShell, PROGRAM, scripted } from '../cli/shell.js';
import { openBroker } from '../dsl/live-broker.js';

const README = fileURLToPath(new URL('../../../README.md', import.meta.url));

t.test('the commands for an orchestrator are what they say', async t => {
  const blocks = [
    ...readFileSync(README, 'utf8').matchAll(/<!-- orchestrator -->\n```sh\n(.*?)```/gs),
  ];
  const lines = blocks.flatMap(([, text = '']) => text.trim().split('\n'));
  t.equal(lines.length, 4);
  const { ready } = await openBroker(t, { durability: 'os' });
  const shell = await newShell(t, {
    SIGNALBOX_URL: ready.url,
    SIGNALBOX_TOKEN_FILE: ready.token_file,
  });
  const { HOME = '', PATH = '' } = shell.env;
  const bin = join(HOME, 'bin');
  mkdirSync(bin);
  const program = (name: string, line: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program('signalbox', `exec '${process.execPath}' '${PROGRAM}' "$@"`);
  program('claude', 'echo "claude in $PWD as $SIGNALBOX_NAME"; cat AGENTS.md');
  const env = { PATH: `${bin}:${PATH}` };
  const type = (line: string) => scripted(shell, line, [], env);
  t.match(await type('signalbox setup claude-code'), { code: 0 });
  const [init = '', start = '', update = '', status = ''] = lines;
  t.match(await type(init), {
    code: 0,
    stdout: /made: .*AGENTS\.md/,
    stderr: /wired already: claude/,
  });
  const said = /^claude in .*\/orchestrator as boss\n(.*\n)*# You are the orchestrator\n/;
  t.match(await type(start), { code: 0, stdout: said });
  t.match(await type(update), { code: 0, stdout: /as shipped: .*AGENTS\.md/ });
  t.match(await type(status), { code: 5, stderr: /no orchestrator is there/ });
});
