// What an error says to do next is what was meant, can be typed as it stands, and works.
import t from 'tap';
import { endWith } from '../../client/cli/end.js';
import { RefusalError, voided } from '../../client/sdk/errors.js';
import { Failure } from '../../client/terminal/exit.js';
import { openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { inside } from './inside.js';
import { newShell } from './shell.js';

const house = await openBroker(t, { durability: 'os' });
const ada = await inside(t, house, 'ada');
const bob = await inside(t, house, 'bob');
await ada.ok(['join']);
await bob.ok(['join']);
await ada.ok(['join', '--as', 'ada2']);

/** The command behind the last colon, in words. */
function next(stderr: string): string[] {
  const [, words = ''] = stderr.match(/: signalbox ([^\n]*)\n$/) ?? [];
  return words.split(' ');
}

t.test('without a broker, the one that was meant is started, and not another', async t => {
  const shell = await newShell(t);
  const dir = await tempDir(t);
  const none = (...words: string[]) => shell.run([...words, 'peers']);
  t.match((await none()).stderr, /start one with: signalbox up {3}or/);
  t.match((await none('--mesh', 'work')).stderr, /signalbox up --mesh work --port 0 {3}or/);
  t.ok((await none('--data', dir)).stderr.includes(`signalbox up --data ${dir}`));
  const { stderr } = await shell.run(['status', '--pids', '--data', dir]);
  t.ok(stderr.endsWith(`start one with: signalbox up --data ${dir}\n`), stderr);
});

t.test('a job that is in another state is named where to see it', async t => {
  const { job } = (await ada.json(['job', 'create', 'Paint'])) as { job: string };
  const { code, stderr } = await ada.run(['job', 'retry', job]);
  t.equal(code, 6);
  t.same(next(stderr), ['job', 'show', job]);
  t.match(await ada.ok(next(stderr)), /Paint/);
});

t.test('words that look like an option are told where they go', async t => {
  const { code, stderr } = await ada.run(['notify', 'bob', '-1 is wrong']);
  t.match({ code, stderr }, { code: 2, stderr: /go behind a --/ });
  t.match(await ada.ok(['notify', 'bob', '--', '-1 is wrong']), /^message/);
});

t.test('a rule typed as a word is not called a flag', async t => {
  const { code, stderr } = await ada.run(['schedule', 'cron', '61 * * * *', 'bob', 'x']);
  t.equal(code, 2);
  t.match(stderr, /^signalbox: the rule: "61"/);
});

t.test('an ask of many that was taken back was answered by nobody', async t => {
  const made = await ada.json(['ask', '--many', 'bob,ada2', 'ready?']);
  const { group } = made as { group: string };
  const [row] = (await ada.rows(['rollup', group])) as { ask: string }[];
  await ada.ok(['cancel', row?.ask ?? '']);
  const { stderr } = await ada.run(['rollup', group]);
  t.match(stderr, /0 of 2 have answered, 1 ended without an answer/);
});

t.test('a command that lost in the log is told by the reason of its void', async t => {
  const end = (reason: string) => {
    let text = '';
    const stderr = { write: (more: string) => (text += more) } as never;
    const error = new RefusalError(voided({ verdict: 'void', reason })!);
    return [endWith(error, { stderr, env: {}, json: false }), text];
  };
  t.match(end('ask_closed'), [6, /^signalbox: it took no effect: .*\n$/]);
  t.match(end('a_newer_word'), [1, 'signalbox: it took no effect: a newer word\n']);
});

t.test('at a terminal the program is called as it can be there', async t => {
  const said = (isTTY: boolean) => {
    let text = '';
    const stderr = { isTTY, columns: 80, write: (more: string) => (text += more) } as never;
    const failure = new Failure('failed', 'no', { hint: 'start one with: signalbox up' });
    endWith(failure, { stderr, env: {}, json: false, self: 'node build/main.js' });
    return text;
  };
  t.match(said(true), 'start one with: node build/main.js up');
  t.match(said(false), 'start one with: signalbox up');
});
