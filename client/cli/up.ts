// The verb up: runs a broker with everything it needs until it is told to stop.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { exits, Failure, PipeClosed } from '../terminal/exit.js';
import type { Cli, CliVerb } from './cli.js';
import { commaList, examples, portNumber } from './options.js';
import { isLocal, urlsFor } from './reach/exposure.js';
import { dataDirectory } from './reach/paths.js';
import { listenerOn } from './reach/process.js';
import { runningIn } from './reach/running.js';
import { endOnFaults } from './up/faults.js';
import { greeting, warning } from './up/greeting.js';
import { version } from './version.js';

interface Options {
  host: string;
  port: number;
  nats?: string;
  natsCreds?: string;
  durability: 'fsync' | 'os';
  allowHost: string[];
}

type Start = typeof import('../../broker/main.js')['start'];
type Broker = Awaited<ReturnType<Start>>;

export const up: CliVerb = (program, act) => {
  program
    .command('up')
    .description('start the broker here and keep it running')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 picks a free one', portNumber, 7117)
    .option(
      '--nats <urls>',
      'keep the log on this nats-server or cluster, not on an own one (or SIGNALBOX_NATS)',
    )
    .option(
      '--nats-creds <file>',
      'log in there with a .creds file or an nkey seed (or SIGNALBOX_NATS_CREDS)',
    )
    .addOption(
      new Option('--durability <what>', 'on disk at every commit (fsync), or when the system likes')
        .choices(['fsync', 'os'])
        .default('fsync'),
    )
    .option(
      '--allow-host <list>',
      'other names this broker is reached by, as box.lan:7117',
      commaList,
      [],
    )
    .addHelpText(
      'after',
      examples(
        'signalbox up',
        'signalbox up --port 0 --json',
        'signalbox up --mesh work --port 7118',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const dataDir = cli.options.data ?? dataDirectory(cli.paths, cli.options.mesh);
  const stopping = onSignals(terminal.say);
  const faults = endOnFaults(terminal.say);
  const either = AbortSignal.any([stopping, faults.signal]);
  const broker = await starting(cli, options, dataDir, either).catch(error => {
    // Its cause was said already.
    if (faults.signal.aborted) faults.exit();
    throw error;
  });
  faults.end = () => broker.abort();
  if (faults.signal.aborted) await broker.abort().finally(faults.exit);
  if (stopping.aborted) broker.close();
  else stopping.addEventListener('abort', () => broker.close());
  try {
    const { host, allowHost } = options;
    const port = new URL(broker.ready.url).port || '80';
    const urls = isLocal(host) ? [] : urlsFor(host, port, allowHost);
    if (!isLocal(host)) for (const line of warning(host, urls)) terminal.say(line);
    const ready = { ...broker.ready, ...(!isLocal(host) && { urls }) };
    await terminal.one(ready, () => greeting(ready, urls, cli, dataDir));
  } catch (error) {
    // Whoever started us may read no further; the broker serves on.
    if (!(error instanceof PipeClosed)) throw error;
  }
  await broker.closed;
}

/** Aborted at the first signal to stop; at the second the process ends as it is. */
function onSignals(say: (line: string) => void): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) process.exit(exits.interrupted);
    say('stopping; once more to stop at once');
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return stopping.signal;
}

async function starting(
  cli: Cli,
  options: Options,
  dataDir: string,
  stopping: AbortSignal,
): Promise<Broker> {
  const { env } = cli.world;
  const { host, port, nats = env.SIGNALBOX_NATS, durability, allowHost } = options;
  const creds = options.natsCreds ?? env.SIGNALBOX_NATS_CREDS;
  if (creds && !nats) {
    throw new Failure('usage', 'credentials for NATS without a server to use them on', {
      hint: 'name the servers: --nats or SIGNALBOX_NATS',
    });
  }
  const { start } = await import('../../broker/main.js');
  const natsBinary = env.SIGNALBOX_NATS_SERVER;
  const config = {
    host,
    port,
    dataDir,
    mesh: cli.options.mesh,
    durability,
    version,
    allowedHosts: allowHost,
    mounts: { '/': fileURLToPath(new URL('../page/', import.meta.url)) },
    env,
    onProgress: cli.terminal.say,
    stopping,
    ...(nats && { natsUrl: nats }),
    ...(creds && { natsCreds: resolve(creds) }),
    ...(natsBinary && { natsBinary }),
  };
  try {
    return await start(config);
  } catch (error) {
    throw await explained(error as NodeJS.ErrnoException, options, dataDir);
  }
}

/** A broker in a directory of its own, which asks nobody about anything: for the demo. */
export async function startPrivate(
  { world, terminal }: Cli,
  dataDir: string,
  stopping: AbortSignal,
): Promise<Broker> {
  const { start } = await import('../../broker/main.js');
  const natsBinary = world.env.SIGNALBOX_NATS_SERVER;
  const options: Options = { host: '127.0.0.1', port: 0, durability: 'fsync', allowHost: [] };
  const config = {
    ...options,
    dataDir,
    mesh: 'demo',
    version,
    stopping,
    ...(natsBinary && { natsBinary }),
    // Only what may take its time: the first fetching of a nats-server.
    onProgress: (line: string) => line.includes('nats-server') && terminal.say(line),
  };
  return start(config).catch(async error => {
    throw await explained(error, options, dataDir);
  });
}

/** Why the broker did not start, as far as this machine can tell better than the broker itself. */
async function explained(
  error: NodeJS.ErrnoException,
  { port }: Options,
  dataDir: string,
): Promise<unknown> {
  const running = await runningIn(dataDir);
  if (running.state === 'alive') {
    const { url, pid } = running.endpoint;
    return new Failure('conflict', `a broker runs in ${dataDir} already: ${url} (pid ${pid})`, {
      hint: 'use it as it is (signalbox status), or stop it: signalbox down',
    });
  }
  if (error.code === 'interrupted') return new Failure('interrupted', error.message);
  if (error.code !== 'port_busy') {
    const { code: refusal = 'start_failed', message } = error;
    return new Failure('failed', `${message} (${refusal})`, { refusal });
  }
  const holder = (await listenerOn(port)) ?? 'another process';
  return new Failure('conflict', `port ${port} is held by ${holder}`, {
    hint: 'stop that, or take another port: signalbox up --port 0',
  });
}
