// The verb demo: an orchestrator and three workers play a day's work, live on a real broker.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../terminal/exit.js';
import { quoted, selfCommand } from '../terminal/paste.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { readSecret } from './reach/endpoint.js';
import { answers } from './reach/running.js';
import { startPrivate } from './up.js';

interface Options {
  fast?: boolean;
  here?: boolean;
}

export const demo: CliVerb = (program, act) => {
  program
    .command('demo')
    .description('watch an orchestrator and three workers at work, in 20 seconds')
    .option('--fast', 'without the pauses for reading')
    .option('--here', 'on your running broker, whose log keeps it; else on one of its own')
    .addHelpText(
      'after',
      examples('signalbox demo', 'signalbox demo --here', 'signalbox demo --jsonl'),
    )
    .action(act(run));
};

async function run(cli: Cli, { fast = false, here = false }: Options): Promise<void> {
  const interrupt = new AbortController();
  const left = here ? 'the peers have left' : 'nothing of it is left';
  const stop = () => interrupt.abort(new Failure('interrupted', `stopped; ${left}`));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    await inScratch(async directory => {
      const setting = { directory, isFast: fast, signal: interrupt.signal };
      await (here ? playHere : playApart)(cli, setting);
    });
  } finally {
    for (const signal of signals) process.removeListener(signal, stop);
  }
}

/** A directory for as long as the work takes. */
async function inScratch(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-demo-'));
  // A server that is just being ended may still write.
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  // Also when a second signal ends the process where it stands.
  process.once('exit', remove);
  try {
    await work(directory);
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}

interface Setting {
  directory: string;
  isFast: boolean;
  signal: AbortSignal;
}

/** On a broker that is there for nothing else: no queue, total or name of yours is touched. */
async function playApart(cli: Cli, setting: Setting): Promise<void> {
  const { directory, signal } = setting;
  const next = await nextFor(cli);
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
  const next = [
    [`${self} tail --from start --no-follow`, 'See all of it again, from the log'],
    [`${self} job list --all --circle ${circle}`, 'The jobs as they ended'],
    [`${self} open`, 'The dashboard'],
  ] as const;
  await tell(cli, place, { ...setting, where: `in the circle ${circle}`, next });
}

interface Telling extends Setting {
  where: string;
  next: readonly (readonly [string, string])[];
}

type Place = { url: string | readonly string[]; credential: string; circle: string };

async function tell({ terminal }: Cli, place: Place, telling: Telling): Promise<void> {
  // Loaded late, as all that only few verbs need.
  const { play } = await import('../demo/play.js');
  const { openStory } = await import('../demo/story.js');
  const { isFast, signal } = telling;
  await play(place, openStory({ terminal, isFast, signal }), telling);
}

async function nextFor(cli: Cli): Promise<(readonly [string, string])[]> {
  const url = await cli.reach().then(
    ({ site }) => site.url,
    () => undefined,
  );
  const self = callOf(cli);
  const help = [`${self} --help`, 'All commands'] as const;
  if (url === undefined || !(await answers(url))) {
    return [[`${self} up`, 'Start a broker of your own'], help];
  }
  return [
    [`${self} demo --here`, 'Play it on your broker, to look at it afterwards'],
    [`${self} open`, 'The dashboard of your broker'],
    help,
  ];
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
