// Who is to review which pull request, said and seen at the command line.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const [ada, bob] = await Promise.all([inside(t, house, 'ada'), inside(t, house, 'bob')]);
for (const person of [ada, bob]) await person.ok(['join']);
const url = 'https://github.com/acme/web/pull/7';
const sha = '0123456789abcdef0123456789abcdef01234567';

t.test('what was asked for is owed until it is marked, and again after a push', async t => {
  t.match(await ada.ok(['review', 'touch', url, '--head', sha, '--title', 'A door']), /^touched/);
  t.match(await ada.ok(['review', 'request', url, 'bob']), /^bob is to look at https/);
  const queue = await bob.ok(['review', 'queue']);
  t.match(queue, /^TO DO +STATE +HEAD +BY +ASKED BY +PULL REQUEST +TITLE\n/);
  t.match(queue, /review-needed +\S+ +0123456 +ada +ada +https:\S+ +A door\n/);
  t.match(await ada.rows(['review', 'queue', '--peer', 'bob']), [{ pr_url: url }]);
  await bob.ok(['review', 'mark', url]);
  const rest = await bob.run(['review', 'queue']);
  t.match(rest, { code: 0, stdout: '', stderr: /1 more need nothing: .*--all/ });
  t.match(await bob.ok(['review', 'queue', '--all']), /none-needed .*0123456 +0123456/);
  await ada.ok(['review', 'touch', url, '--head', 'fedcba9876543210']);
  t.match(await bob.ok(['review', 'queue']), /re-review-suggested/);
  await bob.ok(['review', 'mark', url, '--sha', 'fedcba9876543210']);
  t.match(await bob.rows(['review', 'queue', '--all']), [{ my_action: 'none-needed' }]);
});

t.test('what is no pull request, or nobody has spoken of, is refused', async t => {
  t.match(await ada.run(['review', 'touch', 'nonsense']), { code: 2, stderr: /https/ });
  t.match(await ada.run(['review', 'request', url, 'carol']), { code: 5 });
  const other = await bob.run(['review', 'mark', 'https://github.com/acme/web/pull/9']);
  t.match(other, { code: 5, stderr: /touch it or request/ });
});

t.test('HEAD is the commit checked out here', async t => {
  const touch = ['review', 'touch', url, '--head', 'HEAD'];
  t.match(await ada.run(touch), { code: 2, stderr: /no git work tree/ });
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: ada.home });
  const who = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org'];
  await git('init', '-q', '-b', 'main');
  t.match(
    await ada.run(touch),
    { code: 2, stderr: /HEAD is no commit in/ },
    'nothing is there yet',
  );
  await git(...who, 'commit', '-q', '--allow-empty', '-m', 'Begin');
  await ada.ok(touch);
  const { stdout } = await git('rev-parse', 'HEAD');
  const rows = (await bob.rows(['review', 'queue', '--all'])) as { current_head_sha: string }[];
  t.equal(rows[0]?.current_head_sha, stdout.trim());
  await git('checkout', '-q', '--detach');
  await git(...who, 'commit', '-q', '--allow-empty', '-m', 'Go on');
  await git('worktree', 'add', '-q', 'elsewhere', 'main');
  await ada.ok(touch);
  const detached = (await git('rev-parse', 'HEAD')).stdout.trim();
  const head = async () => {
    const all = await bob.rows(['review', 'queue', '--all']);
    return (all as { current_head_sha: string }[])[0]?.current_head_sha;
  };
  t.equal(await head(), detached, 'on no branch, too');
  await ada.ok(['review', 'touch', url, '--head', 'main']);
  t.equal(await head(), stdout.trim(), 'a branch is the commit it stands at');
  for (const odd of ['no-such-branch', '--help', 'HEAD:./x']) {
    const said = await ada.run(['review', 'touch', url, `--head=${odd}`]);
    t.match(said, { code: 2, stderr: /is no commit in/ }, odd);
  }
});

t.test('what was touched by mistake is forgotten', async t => {
  t.match(await ada.ok(['review', 'forget', `${url}/files`]), /^forgot https/);
  t.match(await ada.run(['review', 'forget', url]), { code: 5 });
  t.match(await bob.rows(['review', 'queue', '--all']), []);
});
