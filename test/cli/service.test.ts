// Proves `service`: what systemd and launchd are given, told and asked, and that nothing is left.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { openCli } from '../../client/cli/cli.js';
import { standingOf, writeService } from '../../client/cli/service/file.js';
import { openKeeper } from '../../client/cli/service/keepers.js';
import { servicePlan } from '../../client/cli/service/plan.js';
import { install, uninstall } from '../../client/cli/service/run.js';
import { quotedWord } from '../../client/cli/service/unit.js';
import { newShell, PROGRAM, type Shell } from './shell.js';

/** Records its call; `show` tells what `facts` holds, `restart` and `bootstrap` start a broker. */
const STAND_IN = `#!/bin/sh
echo "$(basename "$0") $*" >> "$HOME/calls"
case "$(basename "$0") $*" in
  *Version*) [ -e "$HOME/no-systemd" ] && { echo "Failed to connect to bus" >&2; exit 1; }; exit 0;;
  *loginctl*) echo Linger=no;;
  *"systemctl --user show"*) cat "$HOME/facts";;
  *"--user restart"*) "${process.execPath}" "${PROGRAM}" up --detach --port 0 --json > "$HOME/up"
    pid=$(sed 's/.*"pid":\\([0-9]*\\),"token.*/\\1/' "$HOME/up")
    printf 'ActiveState=active\\nSubState=running\\nUnitFileState=enabled\\nMainPID=%s\\n' $pid \\
      > "$HOME/facts";;
  *"disable --now"*) "${process.execPath}" "${PROGRAM}" down; : > "$HOME/facts";;
  "launchctl bootstrap"*) touch "$HOME/loaded";;
  "launchctl bootout"*) rm -f "$HOME/loaded";;
  "launchctl print gui/"*/*) [ -e "$HOME/loaded" ] && echo "	state = running" || exit 113;;
  *journalctl*) echo "one line";;
esac
`;

async function withKeepers(t: Test): Promise<Shell & { calls(): Promise<string[]>; unit: string }> {
  const plain = await newShell(t);
  const home = plain.env.HOME ?? '';
  const bin = join(home, 'bin');
  await mkdir(bin);
  for (const name of ['systemctl', 'loginctl', 'journalctl', 'launchctl']) {
    await writeFile(join(bin, name), STAND_IN);
    await chmod(join(bin, name), 0o755);
  }
  await writeFile(join(home, 'facts'), 'ActiveState=inactive\n');
  plain.env.PATH = `${bin}:${plain.env.PATH}`;
  const calls = async () => {
    const text = await readFile(join(home, 'calls'), 'utf8').catch(() => '');
    await writeFile(join(home, 'calls'), '');
    return text.trim().split('\n');
  };
  return { ...plain, calls, unit: join(home, '.config/systemd/user/signalbox.service') };
}

t.test(
  'install starts a broker at each login, twice is once, uninstall leaves nothing',
  async t => {
    const shell = await withKeepers(t);
    t.teardown(() => shell.run(['down']));
    const dry = await shell.run(['service', 'install', '--port', '7200', '--dry-run']);
    t.match(dry, { code: 0, stdout: /ExecStart=.* up --host 127\.0\.0\.1 --port 7200\n/ });
    t.match(await shell.run(['service', 'status']), { code: 5, stderr: /service install/ });
    await t.rejects(stat(join(shell.env.HOME ?? '', '.config')), 'nothing was written so far');
    await shell.calls();

    const done = await shell.run(['service', 'install', '--json']);
    t.match(JSON.parse(done.stdout), { service: 'signalbox.service', changed: true, url: String });
    t.match(done.stderr, /loginctl enable-linger/);
    const told = (await shell.calls()).filter(call => !call.includes(' show'));
    const verbs = ['daemon-reload', 'enable signalbox.service', 'restart signalbox.service'];
    t.same(
      told.filter(call => call.startsWith('systemctl')),
      verbs.map(verb => `systemctl --user ${verb}`),
    );
    t.equal((await stat(shell.unit)).mode & 0o777, 0o600);
    const again = await shell.run(['service', 'install', '--json']);
    t.match(JSON.parse(again.stdout), { changed: false });
    t.notMatch(await shell.calls(), /restart/, 'and nothing is started anew');
    t.match(await shell.run(['service', 'status']), {
      code: 0,
      stdout: /active \(running\), enabled/,
    });
    t.match(await shell.run(['service', 'logs', '-n', '3']), { code: 0, stdout: /one line/ });
    t.match(await shell.calls(), [
      /.*/,
      /.*/,
      /.*/,
      /journalctl --user-unit=signalbox.service --lines=3 /,
    ]);

    const text = await readFile(shell.unit, 'utf8');
    await writeFile(shell.unit, `${text}\n# mine\n`);
    t.match(await shell.run(['service', 'install']), { code: 6, stderr: /changed by hand/ });
    t.match(await shell.run(['service', 'uninstall']), { code: 6 });
    await writeFile(shell.unit, '[Service]\n');
    t.match(await shell.run(['service', 'install']), {
      code: 6,
      stderr: /not written by signalbox/,
    });
    await writeFile(shell.unit, text);
    t.match(await shell.run(['service', 'uninstall']), { code: 0, stdout: /stopped and removed/ });
    await t.rejects(
      stat(join(shell.env.HOME ?? '', '.config')),
      'nor a folder that was made for it',
    );
    t.match(await shell.run(['service', 'uninstall']), { code: 0, stderr: /not installed/ });
  },
);

t.test('where no systemd runs, what does the same is told word for word', async t => {
  const shell = await withKeepers(t);
  await writeFile(join(shell.env.HOME ?? '', 'no-systemd'), '');
  const none = await shell.run(['service', 'install', '--port', '7201']);
  t.match(none, { code: 1, stderr: /no systemd .*connect to bus(?:.|\n)*up --detach/ });
  t.match(none.stderr, /@reboot \S+ \S+ .*up --host 127\.0\.0\.1 --port 7201' ?\) \| crontab -/);
  t.same(await readdir(join(shell.env.HOME ?? '')), ['bin', 'calls', 'facts', 'no-systemd']);
  t.match(await shell.run(['service', 'logs']), { code: 5, stderr: /up --detach/ });
});

t.test('launchd is given a list of the same, and keeps nothing of it', async t => {
  const shell = await withKeepers(t);
  const home = shell.env.HOME ?? '';
  const { program, stdin, stdout, stderr } = { ...process, program: [process.execPath, PROGRAM] };
  const world = { env: shell.env, home, userName: 'ada', directory: home, stdin, stdout, stderr };
  const said: string[] = [];
  const cli = openCli(
    { ...world, program: program as [string, string] },
    { data: join(home, 'a & <b> "c"'), json: true },
    [],
  );
  const quiet = { ...cli, terminal: { ...cli.terminal, one, say() {} } };
  async function one(value: unknown) {
    said.push(JSON.stringify(value));
  }
  await install(quiet, { dryRun: true }, 'darwin');
  const { text, file } = JSON.parse(said[0] ?? '');
  t.equal(file, join(home, 'Library/LaunchAgents/dev.signalbox.broker.plist'));
  const strings = [...text.matchAll(/<string>(.*)<\/string>/g)].map(([, word = '']) =>
    word.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
  t.ok(strings.includes(join(home, 'a & <b> "c"')), 'its words read back');
  t.ok(strings.filter(word => word.endsWith('.log')).length === 2, 'its log stays small');
  t.notMatch(text.replace(/&(?:lt|gt|amp);/g, ''), '&');
  const plan = servicePlan(cli, 'launchd', {});
  t.equal(writeService(plan, standingOf(file)), true);
  t.equal(writeService(plan, standingOf(file)), false);
  const keeper = openKeeper('launchd', shell.env, 'ada');
  await keeper.start(plan.label, file);
  t.match(await keeper.state(plan.label), { isActive: true, told: 'running' });
  await uninstall(quiet, {}, 'darwin');
  t.match(await keeper.state(plan.label), { isActive: false, told: 'not loaded' });
  t.notOk((await readdir(home)).includes('Library'));
});

t.test('a unit holds paths of any kind, as systemd itself reads them', async t => {
  const hostile = ['/a b/ü%h/"q"\'s\\', '/plain/x', '$HOME', ';', 'a\tb', '%', ''];
  const quoted = hostile.map(quotedWord);
  t.same(quoted.map(unquoted), hostile, 'and reads back');
  t.equal(quotedWord('/plain/x'), '/plain/x');
  const shell = await withKeepers(t);
  const data = join(shell.env.HOME ?? '', 'a b %h "q" $X ü');
  const made = await shell.run(['service', 'install', '--dry-run', '--json', '--data', data]);
  const { text } = JSON.parse(made.stdout);
  t.ok(text.includes(quotedWord(data)));
  t.match(text, /^ExecStart=:/m, 'a dollar sign is one');
  const file = join(shell.env.HOME ?? '', 'signalbox.service');
  await writeFile(file, text);
  const judged = verified(file);
  if (judged !== undefined) t.equal(judged, '', 'systemd-analyze has nothing to say');
});

/** What `systemd-analyze verify` has against a unit; undefined where there is none. */
function verified(file: string): string | undefined {
  try {
    const env = { ...process.env, XDG_RUNTIME_DIR: dirname(file) };
    const args = ['verify', '--user', '--man=no', file];
    return execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: 'pipe', env });
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT' || /initialize manager/.test(stderr)) return undefined;
    return stderr;
  }
}

/** By the rules of systemd.syntax: quotes, C escapes, specifiers. */
function unquoted(word: string): string {
  const inner = /^"(.*)"$/s.exec(word)?.[1] ?? word;
  const unescaped = inner.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex, plain) =>
    hex === undefined ? plain : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return unescaped.replaceAll('%%', '%');
}
