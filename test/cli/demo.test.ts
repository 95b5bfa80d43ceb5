// Plays the demo on the running broker: the story is what the log says, and nothing is left open.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { callOnce } from '../../client/index.js';
import type { EventType, LogRecord } from '../../schemas/event.js';
import { finished, lineFrom, newShell, sameUser, upIn } from './shell.js';

const shell = await newShell(t);
const nobody = await newShell(t);
const { ready } = await upIn(shell);
const credential = (await readFile(ready.token_file, 'utf8')).trim();
const operator = { url: ready.url, credential };

/** Everything that is in the log of a circle. */
async function logOf(circle: string): Promise<LogRecord[]> {
  const { stdout } = await shell.run(['tail', '--from', 'start', '--no-follow', '--json']);
  const records: LogRecord[] = stdout.split('\n').flatMap(line => (line ? [JSON.parse(line)] : []));
  return records.filter(({ event }) => event.circle === circle);
}

const circleOf = (text: string) => /demo-[0-9a-f]{6}/.exec(text)?.[0] ?? '';

/** What a line of the story claims, the event that must be in the log for it, and how often. */
const claims: readonly (readonly [line: RegExp, type: EventType, times: number])[] = [
  [/orch +joined as orchestrator, a session of Claude Code\n/, 'peer.joined', 4],
  [/orch → api +job: Limit login attempts\n/, 'job.created', 2],
  [/web +claimed “Dark mode for checkout”\n/, 'job.claimed', 3],
  [/web +“Dark mode for checkout” █{3}░{7} +30 %/, 'job.updated', 5],
  [/web +is working, 18.2k tokens in/, 'peer.turned', 4],
  [/web +✗ is offline\n/, 'peer.disconnected', 1],
  [/broker +✗ “Dark mode for checkout”: the lease of attempt 1\s+ended\n/, 'job.lapsed', 1],
  [/api +claimed “Dark mode for checkout”, attempt 2\n/, 'job.claimed', 3],
  [/api +✓ “Dark mode for checkout” completed: all 23/, 'job.finished', 2],
  [/web +✓ is back/, 'peer.connected', 1],
  [/api → orch +ask: may I migrate staging\? \[allow \| deny\]/, 'ask.opened', 2],
  [/orch → api +✓ “may I migrate staging\?” granted \(allow\): staging/, 'ask.closed', 6],
  [/orch → 3 peers +ask:/, 'ask.fanned_out', 1],
  [/orch → docs +schedule: is the outline done\?/, 'schedule.created', 1],
  [/broker → docs +“is the outline done\?” fired \d+ ms after its time/, 'schedule.fired', 1],
  [/web +touched shop#2 at 91ab3cd: Dark/, 'review.touched', 3],
  [/orch +✓ reviewed shop#2 at 91ab3cd/, 'review.marked', 3],
  [/web +left\n/, 'peer.left', 4],
];

t.test('it plays all scenes, and the log holds every event that it tells of', async t => {
  const { code, stdout, stderr } = await shell.run(['demo', '--here', '--fast']);
  t.same({ code, stderr }, { code: 0, stderr: '' });
  const scenes = [...stdout.matchAll(/^ {2}(\d {2}[A-Z][\w ]+?) ─+$/gm)].map(([, title]) => title);
  t.same(scenes, [
    '1  Scan',
    '2  Dispatch',
    '3  Track',
    '4  Decide and check in',
    '5  Review',
    '6  Close out',
  ]);
  const records = await logOf(circleOf(stdout));
  t.same(
    records.filter(record => record.void),
    [],
  );
  for (const [line, type, times] of claims) {
    t.match(stdout, line);
    const found = records.filter(({ event }) => event.type === type);
    t.equal(found.length, times, `${type} is in the log`);
  }
  t.match(stdout, ` ${records.length} events in `);
});

t.test('what is read back is told too: the board, the brief, the queue, the bill', async t => {
  const { stdout } = await shell.run(['demo', '--here', '--fast']);
  for (const box of [' ', '~', 'x']) t.match(stdout, `- [${box}] Dark mode for checkout @web\n`);
  t.match(stdout, /#\d+ +running +web +█{6}░{4} +60 %/);
  t.match(stdout, /│ +- 14 of 23; cart and receipt are left\n/, 'the handoff');
  t.match(stdout, /web +reports on attempt 1 and is refused: lease_stale\n/);
  t.match(stdout, /docs +replied +last heading of the outline\n/, 'the rollup');
  t.match(stdout, /shop#1 +4be1f02 +– +review-needed\n/);
  t.match(stdout, /shop#2 +91ab3cd +c07d9e5 +re-review-suggested\n/);
  t.match(stdout, /api +2 +38.0k +6.3k +\$0.09 +gemini-pro\n/);
  t.match(stdout, /traces “may I migrate staging\?”: accepted \+0 ms/);
});

t.test('the commands that it ends with show what they say', async t => {
  const { stdout } = await shell.run(['demo', '--here', '--fast']);
  const commands = [...stdout.matchAll(/^ {4}(\S*node.*)$/gm)].map(([, typed = '']) => typed);
  const { env } = shell;
  const shown = await Promise.all(
    commands.map(typed => finished(spawn('sh', ['-c', typed], { env, cwd: env.HOME }))),
  );
  t.same(
    shown.map(({ code }) => code),
    [0, 0, 0],
  );
  const [log, jobs, link] = shown.map(run => run.stdout);
  t.match(log, circleOf(stdout));
  t.match(
    jobs,
    /completed[^\n]*Dark mode for checkout\n[^\n]*completed[^\n]*Limit login attempts\n/,
  );
  t.match(link, /#code=/);
});

t.test('as data it is the log itself, record by record', async t => {
  for (const format of ['--json', '--jsonl']) {
    const { code, stdout, stderr } = await shell.run(['demo', '--here', format]);
    t.same({ code, stderr }, { code: 0, stderr: '' });
    const rows =
      format === '--json' ? JSON.parse(stdout).rows : stdout.trim().split('\n').map(parsed);
    const known = await logOf(rows[0].event.circle);
    t.same(
      rows.map(({ position }: LogRecord) => position),
      known.map(({ position }) => position),
    );
    t.same(new Set(rows.map(({ scene }: { scene: number }) => scene)), new Set([1, 2, 3, 4, 5, 6]));
  }
});

function parsed(line: string) {
  return JSON.parse(line);
}

t.test('Ctrl-C in the middle ends it with 130, and takes back what is open', async t => {
  const playing = shell.start('demo', '--here');
  await lineFrom(playing, 'stdout', /orch → docs +ask/);
  const stopped = finished(playing);
  playing.kill('SIGINT');
  t.match(await stopped, { code: 130, stderr: /the peers have left/ });
});

t.test('who reads no further ends it too, and that is no fault', async t => {
  const playing = shell.start('demo', '--here', '--fast');
  playing.stdout?.once('data', () => playing.stdout?.destroy());
  t.match(await finished(playing), { code: 0, stderr: '' });
});

t.test('after all that nothing is left but the history', async t => {
  t.same((await callOnce(operator, 'peer.list', { circle: '*', offline: true })).rows, []);
  const { rows: jobs } = await callOnce(operator, 'job.list', { circle: '*' });
  t.ok(jobs.length >= 8);
  t.same(
    jobs.filter(({ ended_at }) => ended_at === undefined),
    [],
  );
  t.same((await callOnce(operator, 'ask.list', { state: 'open' })).rows, []);
  t.same((await callOnce(operator, 'review.queue', {})).rows, []);
  t.same((await callOnce(operator, 'schedule.list', { mine: false, state: 'active' })).rows, []);
});

t.test('without a broker it ends with 7 and says how to start one', async t => {
  t.match(await nobody.run(['demo', '--here']), { code: 7, stdout: '', stderr: /signalbox up/ });
  const away = { SIGNALBOX_URL: 'http://127.0.0.1:1', SIGNALBOX_TOKEN_FILE: ready.token_file };
  const lost = sameUser(t, nobody, away);
  t.match(await lost.run(['demo', '--here']), { code: 7, stdout: '', stderr: /signalbox up/ });
});
