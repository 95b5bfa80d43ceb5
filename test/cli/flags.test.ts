// Proves that whatever is typed at a flag, what is said of it is in words of the command line.
import type { Option } from 'commander';
import t from 'tap';
import { flagOf } from '../../client/terminal/flag-names.js';
import { inOwnWords } from '../../client/terminal/refusal-text.js';
import { type MethodName, methodRow, methods } from '../../schemas/method.js';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';
import type { Run } from './shell.js';
import { type Leaf, leaves } from './verbs.js';

const METHODS = Object.keys(methods).map(name => name.replace('.', '\\.'));
const WIRE = new RegExp(
  [
    `\\b(${METHODS.join('|')})\\b`,
    '`|\\bexpected (string|number|array|object)|Too (small|big)|Invalid (input|string|option)',
    'must match pattern|uuid|JSON-RPC|\\bparams?\\b|[Pp]arameter',
    '\\[object|\\bundefined\\b|\\bNaN\\b',
    `\\b(${snakeNames().join('|')})\\b`,
    '\\n\\s+at ',
  ].join('|'),
);
/** Nobody means these. Long times are left out: a wait would keep them. */
const BAD = ['', '-1', '0', '1.5', 'x y', 'ü'.repeat(1_500), '9'.repeat(20), '* * *', 'null'];

const house = await openBroker(t, { durability: 'os' });
const ada = await inside(t, house, 'ada');
await ada.ok(['join', '--as', 'api']);
await ada.ok(['join']);

/** The parameters whose names no person would write. */
function snakeNames(): string[] {
  const names = (Object.keys(methods) as MethodName[]).flatMap(method => {
    const { params } = methodRow(method);
    return 'shape' in params ? Object.keys(params.shape as object) : [];
  });
  return [...new Set(names)].filter(name => name.includes('_'));
}

function isTold(run: Run, typed: string): void {
  const isWell = run.code !== null && run.code < 125;
  if (isWell && !WIRE.test(run.stderr)) return;
  t.fail(`${typed}: ${run.code} ${run.stderr.slice(0, 400)}`);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

t.test('no flag of any verb answers a bad value in words of the wire', async t => {
  let tried = 0;
  for (const { name, command, args } of leaves()) {
    for (const option of command.options.filter(takesValue)) {
      for (const value of BAD) {
        if (option.long === '--wait' && /^\d/.test(value)) continue;
        const typed = [...name.split(' '), ...args, `${option.long}=${value}`];
        isTold(await ada.run(typed), typed.join(' ').slice(0, 90));
        tried += 1;
      }
    }
  }
  t.ok(tried > 300, `${tried} were tried`);
});

t.test('nor does an argument', async t => {
  const last = (leaf: Leaf, value: string) => [...leaf.args.slice(0, -1), value];
  for (const leaf of leaves().filter(({ args, name }) => args.length > 0 && name !== 'tail')) {
    for (const value of BAD) {
      const typed = [...leaf.name.split(' '), '--', ...last(leaf, value)];
      isTold(await ada.run(typed), typed.join(' ').slice(0, 90));
    }
  }
  t.pass('each was told');
});

t.test('a global flag that is wrong is named', async t => {
  const wrong = { '--url': 'x', '--circle': 'A B', '--mesh': '../x', '--as': 'A B' };
  for (const [flag, value] of Object.entries(wrong)) {
    const run = await ada.run(['peers', `${flag}=${value}`]);
    t.equal(run.code, 2, flag);
    t.notMatch(run.stderr, WIRE, flag);
  }
});

t.test('a number or time out of its range ends with 2 and names the flag', async t => {
  const wrong = [
    [['ask', '--many', 'api', 'x', '--quorum', '0'], '--quorum'],
    [['job', 'create', 'x', '--attempts', '0'], '--attempts'],
    [['job', 'create', 'x', '--lease', '400d'], '--lease'],
    [['job', 'create', 'x', '--cron', '* * *'], '--cron'],
    [['job', 'create', 'x', '--cron', '@daily', '--zone', 'Mars/Base'], '--zone'],
    [['schedule', 'self', '--cron', '99 * * * *', 'x'], '--cron'],
    [['describe', 'x', '--ttl', '400d'], '--ttl'],
    [['inbox', '--max', '0'], '--max'],
    [['usage', '--days', '0'], '--days'],
    [['usage', '--days', '999'], '--days'],
    [['turn', 'idle', '--model', 'm', '--in', 'many'], '--in'],
    [['token', 'create', 'x', '--roles', 'king'], '--roles'],
    [['token', 'create', 'x', '--verbs', 'fly'], '--verbs'],
    [['token', 'create', 'x', '--circles', 'A B'], '--circles'],
    [['rename', 'A B'], 'the name'],
    [['review', 'touch', 'nowhere'], 'no address of a pull request'],
  ] as const;
  for (const [typed, named] of wrong) {
    const { code, stderr } = await ada.run(typed);
    t.equal(code, 2, `${typed.join(' ')}: ${stderr}`);
    t.ok(stderr.includes(named), `${typed.join(' ')}: ${stderr}`);
    t.notMatch(stderr, WIRE, typed.join(' '));
  }
});

t.test('a sentence for programs becomes one for people', async t => {
  const said = [
    ['There is no peer_019a; see peer.list.', 'there is no peer_019a; see signalbox peers --all'],
    [
      'You have not joined; call peer.join first.',
      'you have not joined; call signalbox join first',
    ],
    [
      'deadline_at has passed already; give a later time.',
      '--deadline has passed already; give a later time',
    ],
    ['Parameter `quorum`: Too small.', '--quorum is not written as it should be'],
    ['"x" is no rule of five fields.', '"x" is no rule of five fields'],
  ] as const;
  for (const [sentence, words] of said) t.equal(inOwnWords(sentence, undefined), words);
  t.equal(flagOf('ask.fan_out', ['to', 3]), '--many');
  t.equal(flagOf('job.create', ['recurrence', 'zone']), '--zone');
});
