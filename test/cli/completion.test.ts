// Proves completion: every verb, option and choice, values of the broker, and no harm from names.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { insertedBy, splitLine } from '../../client/cli/completion/bash-line.js';
import { expectedAt } from '../../client/cli/completion/candidates.js';
import { completionScripts, shells } from '../../client/cli/completion/scripts.js';
import { makeProgram } from '../../client/cli/program.js';
import { openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { inside } from './inside.js';
import { PROGRAM } from './shell.js';

const execute = promisify(execFile);
const program = makeProgram({ ...process, env: {}, userName: '', directory: '/' } as never);

/** The words that may follow a line; its last word is the one to complete. */
function wordsAt(line: string): string[] {
  const expected = expectedAt(program, line.split(' '));
  return expected.kind === 'words' ? expected.words.map(({ value }) => value) : [expected.kind];
}

/** What the shell's own line of calling us prints. */
async function told(shell: Awaited<ReturnType<typeof inside>>, ...words: string[]) {
  return (await shell.ok(['completion', ...words])).trimEnd().split('\n');
}

t.test('every verb, option and choice of the program is offered', async t => {
  const under = (command: Command, path: string): void => {
    const verbs = command.commands.map(each => each.name());
    if (verbs.length > 0) t.same(wordsAt(path), verbs, path);
    const options = wordsAt(`${path}-`);
    const shown = command.options.filter(({ hidden }) => !hidden);
    for (const { long } of shown) t.ok(options.includes(long ?? ''), `${path}${long}`);
    for (const { long, argChoices } of shown) {
      if (argChoices) t.same(wordsAt(`${path}${long} `), argChoices, `${path}${long}`);
    }
    for (const each of command.commands) under(each, `${path}${each.name()} `);
  };
  under(program, '');
});

t.test('where a line stands decides what may follow', async t => {
  const rows: [line: string, expected: unknown][] = [
    ['setup ', ['claude-code', 'codex', 'gemini', 'opencode']],
    ['setup codex ', ['nothing']],
    ['--mesh work job ', wordsAt('job ')],
    ['--url=x job ', wordsAt('job ')],
    ['ask api hello --dead', wordsAt('ask api hello --')],
    ['log restore ', ['files']],
    ['log backup --token-file ', ['files']],
    ['notify --attach ', ['files']],
    ['join --role agent --role', wordsAt('join --role agent --')],
    ['at 2h ', wordsAt('at now ')],
    ['help job ', wordsAt('job ')],
    ['up --durability=', ['fsync', 'os']],
    ['nonsense ', ['nothing']],
    ['ask -- -', ['values']],
    ['inbox --wait --m', wordsAt('inbox --wait --')],
  ];
  for (const [line, expected] of rows) t.same(wordsAt(line), expected, line);
  t.notOk(wordsAt('join --role agent --').includes('--role'), 'one that stands there is not again');
  t.match(expectedAt(program, ['job', 'show', '']), { kind: 'values', of: 'job' });
  t.match(expectedAt(program, ['ask', 'api', 'x', '--reply-to', '']), { of: 'ask' });
  t.match(expectedAt(program, ['token', 'revoke', '']), { of: 'token', verb: 'token' });
});

t.test(
  'names and ids come from the broker; nobody joins for them, nothing else is said',
  async t => {
    const house = await openBroker(t);
    const ada = await inside(t, house, 'ada');
    await ada.ok(['join']);
    await ada.ok(['job', 'create', 'mend', 'it', '--kind', 'x']);
    await (await inside(t, house, 'bob')).ok(['ask', 'ada', 'may I?']);
    const eve = await inside(t, house, 'eve');
    t.match(await told(eve, 'zsh', '--', 'ask', ''), ['words', /^ada\t(online|offline)/]);
    t.match(await told(eve, 'fish', '--', 'job', 'show', ''), [
      'words',
      /^[0-9a-f]{6,}\tqueued mend/,
    ]);
    t.match(await told(ada, 'bash', '--', 'signalbox reply ', ''), ['words', /^[0-9a-f]{6,}$/]);
    t.same(await told(eve, 'bash', '--', 'signalbox ask --as a', 'a'), ['words', 'ada']);
    t.same(await told(eve, 'bash', '--', `signalbox --url ${house.ready.url} ask "a`, '"a'), [
      'words',
      'ada',
    ]);
    t.same(await readdir(eve.home), [], 'nothing is kept');
    const nobody = await inside(t, { ready: { url: 'http://127.0.0.1:9' } } as never, 'x');
    t.match(await nobody.run(['completion', 'zsh', '--', 'ask', '']), { code: 0, stderr: '' });
  },
);

/** Runs lines of bash in which our script is loaded, and `try_` completes what it is given. */
async function inBash(t: Test, lines: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const dir = await tempDir(t);
  const call = `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`;
  await writeFile(join(dir, 'signalbox'), call, { mode: 0o755 });
  const script = [
    completionScripts.bash,
    'try_() {',
    `  COMP_LINE=$1 COMP_POINT=\${#1}; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))`,
    `  _signalbox; for each in "\${COMPREPLY[@]}"; do printf "%s\\n" "$each"; done; echo .`,
    '}',
    ...lines,
  ].join('\n');
  const PATH = `${dir}:/usr/bin:/bin`;
  const { stdout } = await execute('bash', ['--norc', '-c', script], {
    env: { PATH, HOME: dir, LC_ALL: 'C.UTF-8', ...env },
    cwd: dir,
  });
  return { dir, answers: stdout.split('.\n').map(text => text.split('\n').filter(Boolean)) };
}

t.test('in a real bash: verbs, options, choices and files', async t => {
  const { answers } = await inBash(t, [
    'try_ "signalbox doc" signalbox doc',
    'try_ "signalbox up --durability=" signalbox up --durability "="',
    'try_ "signalbox schedule at --catch-up " signalbox schedule at --catch-up ""',
    'try_ "signalbox log verify /etc/host" signalbox log verify /etc/host',
  ]);
  t.same(answers[0], ['doctor']);
  t.same(answers[1], ['fsync', 'os'], 'behind an equals sign too');
  t.same(answers[2], ['last', 'all', 'skip']);
  t.ok(answers[3]?.includes('/etc/hosts'));
});

const HOSTILE = [
  '$(touch bad)',
  '`touch bad`',
  'a;touch bad',
  'a b',
  'a:b:c',
  "it's",
  'say "so"',
  'zoë/ünï',
  '~root',
  '*',
  '\u202egnp',
  '\x1b[31mred',
  'two\nlines',
  '-rf',
];

t.test('what a hostile broker calls its peers is a word, and runs nothing', async t => {
  const server = createServer((req, res) => {
    const rows = HOSTILE.map(name => ({ name, status: 'online', circle: 'x', description: name }));
    const answer = { jsonrpc: '2.0', id: 1, result: { rows } };
    req.resume().on('end', () => res.end(JSON.stringify(answer)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  const dir = await tempDir(t);
  await writeFile(join(dir, 'token'), 'x'.repeat(43));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { SIGNALBOX_URL: url, SIGNALBOX_TOKEN_FILE: join(dir, 'token') };
  const lines = [
    'try_ "signalbox ask " signalbox ask ""',
    'try_ "signalbox ask a:b:" signalbox ask a : b :',
    `for each in "\${COMPREPLY[@]}"; do eval "echo $each" >/dev/null; done`,
  ];
  const bash = await inBash(t, lines, env);
  t.same(bash.answers[1], ['c']);
  t.equal(bash.answers[0]?.length, HOSTILE.length - 4, 'what is more than a word is left out');
  await t.rejects(access(join(bash.dir, 'bad')));
});

t.test('what is inserted means the value again, in each kind of quotes', async t => {
  const value = fc.oneof(
    fc.constantFrom(...HOSTILE.slice(0, 10)),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter(text => !/\p{C}/u.test(text)),
  );
  const given = fc.sample(fc.tuple(value, fc.constantFrom('', '"', "'")), {
    numRuns: 200,
    seed: 7,
  });
  const lines = given.map(([text, quote]) => {
    const inserted = insertedBy(text, splitLine(`x ${quote}`).last, quote);
    return `printf '%s\\0' ${quote}${inserted}${quote}`;
  });
  const { stdout } = await execute('bash', ['--norc', '-c', lines.join('\n')], {
    env: { LC_ALL: 'C.UTF-8' },
  });
  t.same(
    stdout.split('\0').slice(0, -1),
    given.map(([text]) => text),
  );
  for (const [text, quote] of given) {
    const { words } = splitLine(
      `x ${quote}${insertedBy(text, splitLine(`x ${quote}`).last, quote)}`,
    );
    t.equal(words.at(-1), text, 'and is read back so');
  }
});

t.test('each script is one of its shell', async t => {
  const dir = await tempDir(t);
  for (const shell of shells) {
    const file = join(dir, shell);
    await writeFile(file, completionScripts[shell]);
    const missing = (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' || shell === 'bash') throw error;
    };
    await t.resolves(execute(shell, ['-n', file]).catch(missing), shell);
  }
});
