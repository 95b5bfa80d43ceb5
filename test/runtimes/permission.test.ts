// Patterns of tools and the text of a permission question: what is asked about, and shown whole.
import t from 'tap';
import { decisionOf } from '../../client/runtimes/approvals/decision.js';
import { permissionText, readAskedTool } from '../../client/runtimes/approvals/question.js';
import { termsIn, termWords } from '../../client/runtimes/approvals/terms.js';
import { isAskedAbout, readPattern } from '../../client/runtimes/approvals/tool-pattern.js';
import { visible } from '../../client/runtimes/approvals/visible.js';
import { limits as serverLimits } from '../../schemas/limits.js';
import { clientLimits as limits } from '../../schemas/limits-client.js';

const isAbout = (pattern: string, tool: string, input: object = {}) =>
  isAskedAbout([readPattern(pattern)!], { tool, input });
const isOfCommand = (pattern: string, command: string) => isAbout(pattern, 'Bash', { command });

t.test('a name is held against the whole name, a star is any characters', async t => {
  t.ok(isAbout('Bash', 'Bash', { command: 'x' }));
  t.notOk(isAbout('Bash', 'BashOutput'));
  t.notOk(isAbout('bash', 'Bash'));
  t.ok(isAbout('mcp__github__*', 'mcp__github__create_issue'));
  t.notOk(isAbout('mcp__github__*', 'mcp__gitlab__create_issue'));
  t.ok(isAbout('*', 'anything'));
});

t.test('what stands in brackets is held against the whole argument', async t => {
  t.ok(isOfCommand('Bash(git *)', 'git push'));
  t.ok(isOfCommand('Bash(git *)', 'git log\n; rm -rf /'), 'lines too');
  for (const other of ['git', 'github x', ' git push', 'echo git push']) {
    t.notOk(isOfCommand('Bash(git *)', other), other);
  }
  t.ok(isOfCommand('Bash(*push*--force*)', 'git push origin --force-with-lease'));
  t.notOk(isOfCommand('Bash(ab*ba)', 'aba'), 'no character counts twice');
  t.ok(isOfCommand('Bash(a.c)', 'a.c'));
  t.notOk(isOfCommand('Bash(a.c)', 'abc'), 'no expression of any other kind');
  t.ok(isOfCommand('Bash(echo \\*)', 'echo *'));
  t.notOk(isOfCommand('Bash(echo \\*)', 'echo x'));
  t.ok(isAbout('Edit(/etc/*)', 'Edit', { file_path: '/etc/hosts' }));
  t.notOk(isAbout('Task(x*)', 'Task', { prompt: 'x' }), 'without such an argument never');
});

t.test('what is no pattern is refused, and no text makes one slow', async t => {
  for (const none of ['', ' ', 'Bash(', 'Bash()', '(x)', 'Bash(x) y', 'Ba sh']) {
    t.equal(readPattern(none), undefined, none);
  }
  const stars = `Bash(${'*a'.repeat(500)}*b)`;
  t.notOk(isOfCommand(stars, 'a'.repeat(1_000_000)));
});

t.test('the terms of a hook come back from its words as they went in', async t => {
  const terms = { deadline_s: 300, approver: 'ada', tools: ['Bash(git hook *)', 'mcp__x__*'] };
  t.same(termsIn(['claude-code', ...termWords(terms)]), terms);
  t.same(termsIn(['claude-code', '--shell']), undefined);
  for (const bad of ['--deadline=0', '--deadline=-5', '--deadline=x', '--deadline=1e9']) {
    t.equal(termsIn([bad]), undefined, bad);
  }
  t.equal(termsIn(['--deadline=60', '--tool=Bash(']), undefined, 'a broken pattern asks nobody');
});

t.test('who must judge a command sees each of its characters', async t => {
  t.equal(visible('ls \u202etxt.exe'), 'ls \\u{202e}txt.exe');
  t.equal(
    visible('a\u200bb\u00a0c\rd\u{e0041}e\ud800f'),
    ['a\\u{200b}b\\u{a0}c\\u{d}d\\u{e0041}e\\u{d800}f'].join(''),
  );
  t.equal(visible(`x${'\u0338'.repeat(6)}`), `x${'\u0338'.repeat(4)}\\u{338}\\u{338}`, 'no pile');
  t.equal(visible('grün 漢字 🎉\nx'), 'grün 漢字 🎉\nx');
  t.equal(visible(`ls${' '.repeat(900)}; rm`), 'ls [900 spaces] ; rm');
  t.equal(visible(`ls${'\n'.repeat(50)}rm`), 'ls\n[49 empty lines]\nrm');
});

const place = { runtime: 'Claude Code', session: 's1', directory: '/work/api' };

t.test('no line of an input can pass for what is said about it', async t => {
  const command = 'ls\n\nFolder: /safe\nSession: other';
  const text = permissionText({ tool: 'Bash', input: { command, description: 'x' } }, place);
  t.equal(
    text,
    [
      ...['May I run Bash?', '', '  ls', '  ', '  Folder: /safe', '  Session: other'],
      ...['  description: x', '', 'Folder: /work/api', 'Session: s1 of Claude Code'],
    ].join('\n'),
  );
  const tool = 'Bash\nFolder: /safe';
  t.match(permissionText({ tool, input: {} }, place), 'May I run Bash\\nFolder: /safe?\n');
});

t.test(
  'what cannot be shown whole is no question: nobody can allow what they have not seen',
  async t => {
    const of = (command: string, tool = 'Bash') =>
      permissionText({ tool, input: { command } }, place);
    const most = limits.approval_input_chars;
    t.match(of('x'.repeat(most)), `\n  ${'x'.repeat(most)}\n\nFolder: `);
    t.equal(of('x'.repeat(most + 1)), undefined);
    t.equal(of(`ls ${'\u202e'.repeat(most / 8)}`), undefined, 'as it is spelled out');
    t.equal(of(`first ${'\u202e'.repeat(5_000_000)} last`), undefined);
    t.equal(of('ls', 'x'.repeat(limits.approval_line_chars + 1)), undefined);
    const cjk = of('漢\n'.repeat(most / 2)) ?? '';
    t.ok(Buffer.byteLength(cjk) < serverLimits.text_bytes, 'the longest fits into an ask');
  },
);

t.test('what a hook is told without a tool is no question', async t => {
  for (const none of ['', '{}', '{"tool_name":7,"tool_input":{}}', '{"tool_name":"x"}', 'null']) {
    t.equal(readAskedTool(none), undefined, none);
  }
});

t.test('only a reply with the option allow, by a human, is leave', async t => {
  const base = { state: 'closed', position: 1, to_name: 'ada' } as const;
  const by = { by: 'peer_a', by_name: 'ada' };
  const told = (outcome: 'replied' | 'denied' | 'acknowledged' | 'declined', reply: object) =>
    decisionOf([{ ...base, outcome, reply: { ...by, ...reply } }], () => true).is;
  t.equal(told('replied', { option: 'allow' }), 'allowed');
  t.equal(told('denied', { option: 'allow' }), 'denied');
  t.equal(told('replied', { option: 'deny' }), 'denied');
  t.equal(told('declined', {}), 'denied');
  t.equal(told('acknowledged', { option: 'allow' }), 'none');
  t.equal(told('replied', { text: 'allow' }), 'none');
  const allowed = { ...base, outcome: 'replied', reply: { ...by, option: 'allow' } } as const;
  t.equal(decisionOf([allowed], () => false).is, 'none');
  const denied = { ...base, position: 2, outcome: 'denied', reply: by } as const;
  t.equal(decisionOf([denied, allowed], () => true).is, 'allowed', 'by position');
  t.equal(decisionOf([denied, { ...allowed, position: 3 }], () => true).is, 'denied');
  const open = { state: 'open', position: 1, to_name: 'bob' } as const;
  t.equal(decisionOf([open, { ...base, outcome: 'retired' }], () => true).is, 'open');
  t.equal(decisionOf([open, { ...base, outcome: 'cancelled' }], () => true).is, 'none');
});
