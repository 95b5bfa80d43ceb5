// The verb demo: an orchestrator and three workers play a day's work, live on a real broker.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { quoted, selfCommand } from '../terminal/paste.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { readSecret } from './reach/endpoint.js';
import { answers } from './reach/running.js';
import { startPrivate } from './up.js';

interface Options {
  day?: boolean;
  fast?: boolean;
  here?: boolean;
}

export const demo: CliVerb = (program, act) => {
  program
    .command('demo')
    .description('watch an orchestrator and three workers at work, in 20 seconds')
    .option('--day', 'a whole day, with git worktrees, leases, watches and a handover: 40 seconds')
    .option('--fast', 'without the pauses for reading')
    .option('--here', 'on your running broker, whose log keeps it; else on one of its own')
    .addHelpText(
      'after',
      examples('signalbox demo', 'signalbox demo --day', 'signalbox demo --here --jsonl'),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { day = false, fast = false, here = false } = options;
  if (day) await (await import('../demo/day/workshop.js')).demandGit();
  const interrupt = new AbortController();
  const left = here ? 'the peers have left' : 'nothing of it is left';
  const stop = () => interrupt.abort(new Failure('interrupted', `stopped; ${left}`));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    await inScratch(async directory => {
      const setting = { directory, isDay: day, isFast: fast, signal: interrupt.signal };
      await (here ? playHere : playApart)(cli, setting);
      // What can be looked at afterwards is there for as long as its owner likes.
      return day && here;
    });
  } finally {
    for (const signal of signals) process.removeListener(signal, stop);
  }
}

/** A directory for as long as the work takes, or for longer where the work says so. */
async function inScratch(work: (directory: string) => Promise<boolean>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-demo-'));
  // A server that is just being ended may still write.
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  // Also when a second signal ends the process where it stands.
  process.once('exit', remove);
  let isKept = false;
  try {
    isKept = await work(directory);
  } finally {
    process.removeListener('exit', remove);
    if (!isKept) remove();
  }
}

interface Setting {
  directory: string;
  isDay: boolean;
  isFast: boolean;
  signal: AbortSignal;
}

/** On a broker that is there for nothing else: no queue, total or name of yours is touched. */
async function playApart(cli: Cli, setting: Setting): Promise<void> {
  const { directory, signal } = setting;
  const next = await nextFor(cli, setting.isDay);
  const { ready, close } = await startPrivate(cli, join(directory, 'data'), signal).catch(error => {
    throw signal.aborted ? signal.reason : error;
  });
  try {
    const credential = (await readFile(ready.token_file, 'utf8')).trim();
    const place = { url: ready.url, credential, circle: 'demo' };
    await tell(cli, place, { ...setting, where: 'on a broker of its own', next });
  } finally {
    await close();
  }
}

/** In a circle of its own on the broker that this shell means. */
async function playHere(cli: Cli, setting: Setting): Promise<void> {
  const { site } = await cli.reach();
  const circle = cli.options.circle ?? `demo-${randomBytes(3).toString('hex')}`;
  const place = { url: site.brokers.urls, credential: await tokenOf(site), circle };
  const self = callOf(cli);
  const kept = setting.isDay ? dayKept(self, setting.directory, circle) : undefined;
  const next = kept ?? [
    [`${self} tail --from start --no-follow`, 'See all of it again, from the log'],
    [`${self} job list --all --circle ${circle}`, 'The jobs as they ended'],
    [`${self} open`, 'The dashboard'],
  ];
  await tell(cli, place, { ...setting, where: `in the circle ${circle}`, next });
}

/** What the day leaves on a broker of yours, and where its board and repository lie. */
function dayKept(self: string, directory: string, circle: string): Telling['next'] {
  const board = quoted(join(directory, 'board.md'));
  const shop = quoted(join(directory, 'shop'));
  return [
    [`${self} timeline --circle ${circle} --max 500`, 'The whole day again, from the log'],
    [`${self} board scan --all --board ${board}`, 'The board, and what was done about each item'],
    [`git -C ${shop} log --graph --oneline`, 'The work, as it was merged'],
    [`rm -r ${quoted(directory)}`, 'Once you have looked'],
  ];
}

interface Telling extends Setting {
  where: string;
  next: readonly (readonly [string, string])[];
}

type Place = { url: string | readonly string[]; credential: string; circle: string };

async function tell({ terminal }: Cli, place: Place, telling: Telling): Promise<void> {
  // Loaded late, as all that only few verbs need.
  const { openStory } = await import('../demo/story.js');
  const { isDay, isFast, signal } = telling;
  if (!isDay) {
    const { play } = await import('../demo/play.js');
    await play(place, openStory({ terminal, isFast, signal }), telling);
    return;
  }
  const { playDay } = await import('../demo/day/day.js');
  const { filesOf } = await import('./lease/typed.js');
  const pace = limits.demo_day_ratio;
  await playDay(place, openStory({ terminal, isFast, signal, pace }), { ...telling, filesOf });
}

async function nextFor(cli: Cli, isDay: boolean): Promise<(readonly [string, string])[]> {
  const url = await cli.reach().then(
    ({ site }) => site.url,
    () => undefined,
  );
  const self = callOf(cli);
  const help = [`${self} --help`, 'All commands'] as const;
  const again = [
    `${self} demo ${isDay ? '--day ' : ''}--here`,
    'Play it on your broker, to look at it afterwards',
  ] as const;
  if (url === undefined || !(await answers(url))) {
    const up = [`${self} up`, 'Start a broker of your own'] as const;
    return isDay ? [up, again, help] : [up, help];
  }
  return [again, [`${self} open`, 'The dashboard of your broker'], help];
}

/** How this program is called again, for the same broker. */
function callOf({ world, options }: Cli): string {
  const { url, tokenFile, data, mesh } = options;
  const given = { url, 'token-file': tokenFile, data, mesh: mesh === 'default' ? undefined : mesh };
  const words = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [` --${name} ${quoted(value)}`],
  );
  return `${selfCommand(world)}${words.join('')}`;
}

/** Four peers of its own need a token, also in the shell of an agent. */
function tokenOf({ url, tokenFile }: { url: string; tokenFile?: string }): Promise<string> {
  if (tokenFile !== undefined) return readSecret(tokenFile, 'token');
  throw new Failure('unauthorised', `no token for ${url}`, {
    hint: 'give --token-file FILE or set SIGNALBOX_TOKEN_FILE; `signalbox up` names the file',
  });
}
