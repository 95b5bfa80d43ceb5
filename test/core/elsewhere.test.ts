// Same prefix, same state, wherever the broker runs: other time zones, tongues and wall clocks.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

const host = fileURLToPath(new URL('state-host.js', import.meta.url));
const run = promisify(execFile);

async function hashes(env: Record<string, string>, mutant = ''): Promise<string> {
  const { stdout } = await run(process.execPath, [host, mutant], { env });
  return stdout;
}

const places: Record<string, string>[] = [
  { TZ: 'UTC', LANG: 'C' },
  { TZ: 'Asia/Kolkata', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  { TZ: 'America/St_Johns', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' },
];

t.test('9: the state is the same under other TZ and LANG', async t => {
  const [home, ...others] = await Promise.all(places.map(env => hashes(env)));
  t.equal(home?.trim().split('\n').length, 40);
  for (const other of others) t.equal(other, home);
});

t.test('9: state that depends on the zone or the tongue is found out', async t => {
  for (const mutant of ['zone', 'tongue']) {
    const all = await Promise.all(places.map(env => hashes(env, mutant)));
    t.ok(new Set(all).size > 1, mutant);
  }
});
