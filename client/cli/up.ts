// The verb up: runs a broker with everything it needs until it is told to stop.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { exits, Failure, PipeClosed } from '../terminal/exit.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { isLocal, urlsFor } from './reach/exposure.js';
import { dataDirectory } from './reach/paths.js';
import { listenerOn } from './reach/process.js';
import { runningIn } from './reach/running.js';
import { endOnFaults } from './up/faults.js';
import { greeting, warning } from './up/greeting.js';
import { lateMount } from './up/late-mount.js';
import { keepLogSmall, stamped } from './up/log-file.js';
import { chosen, type UpChoice, type UpOptions, withUpOptions } from './up/options.js';
import { version } from './version.js';

interface Options extends UpOptions {
  detach?: boolean;
  logFile?: string;
}

type Start = typeof import('../../broker/main.js')['start'];
type MountHandler = import('../../broker/main.js').MountHandler;
type Broker = Awaited<ReturnType<Start>>;

const ENDING = ['  Ctrl-C stops it.'];

export const up: CliVerb = (program, act) => {
  const verb = program.command('up').description('start the broker here and keep it running');
  withUpOptions(verb)
    .option('--detach', 'in the background: returns once the broker is ready')
    // How `--detach` and a service start it: its stderr is this file.
    .addOption(new Option('--log-file <file>').hideHelp())
    .addHelpText(
      'after',
      examples(
        'signalbox up',
        'signalbox up --detach',
        'signalbox up --port 0 --json',
        'signalbox up --mesh work --port 7118',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const dataDir = resolve(cli.options.data ?? dataDirectory(cli.paths, cli.options.mesh));
  if (options.detach) {
    const { upDetached } = await import('./up/detach.js');
    return upDetached(cli, options, dataDir);
  }
  const { logFile } = options;
  if (logFile !== undefined) keepLogSmall(logFile);
  const say = logFile === undefined ? terminal.say : stamped(terminal.say);
  const choice = chosen(options, cli.world, cli.settings);
  const stopping = onSignals(say);
  const faults = endOnFaults(say);
  const either = AbortSignal.any([stopping, faults.signal]);
  const mcp = lateMount(cli, dataDir);
  const starts = { stopping: either, say, mcp: mcp.serve };
  const broker = await starting(cli, choice, dataDir, starts).catch(error => {
    // Its cause was said already.
    if (faults.signal.aborted) faults.exit();
    throw error;
  });
  faults.end = () => broker.abort();
  if (faults.signal.aborted) await broker.abort().finally(faults.exit);
  mcp.place(broker.ready);
  // Streams that stay open would hold the broker back.
  const close = () => void mcp.close().finally(() => broker.close());
  if (stopping.aborted) close();
  else stopping.addEventListener('abort', close);
  try {
    const { host, allowHost } = choice;
    const port = new URL(broker.ready.url).port || '80';
    const urls = isLocal(host) ? [] : urlsFor(host, port, allowHost);
    if (!isLocal(host)) for (const line of warning(host, urls)) say(line);
    if (logFile !== undefined) say(`ready: ${broker.ready.url}`);
    const ready = { ...broker.ready, ...(!isLocal(host) && { urls }) };
    await terminal.one(ready, () => greeting(ready, urls, cli, dataDir, ENDING));
  } catch (error) {
    // Whoever started us may read no further; the broker serves on.
    if (!(error instanceof PipeClosed)) throw error;
  }
  await broker.closed.finally(mcp.close);
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

/** What a start is given by whoever waits for it. */
interface Starts {
  stopping: AbortSignal;
  say(line: string): void;
  mcp: MountHandler;
}

async function starting(
  cli: Cli,
  choice: UpChoice,
  dataDir: string,
  { stopping, say, mcp }: Starts,
): Promise<Broker> {
  const { env } = cli.world;
  const { host, port, nats, natsCreds, durability, allowHost } = choice;
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
    mounts: { '/': fileURLToPath(new URL('../page/', import.meta.url)), '/mcp': mcp },
    env,
    onProgress: say,
    stopping,
    ...(nats && { natsUrl: nats }),
    ...(natsCreds && { natsCreds }),
    ...(natsBinary && { natsBinary }),
  };
  try {
    return await start(config);
  } catch (error) {
    throw await explained(error as NodeJS.ErrnoException, choice, dataDir);
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
  const choice: UpChoice = { host: '127.0.0.1', port: 0, durability: 'fsync', allowHost: [] };
  const config = {
    ...choice,
    dataDir,
    mesh: 'demo',
    version,
    stopping,
    ...(natsBinary && { natsBinary }),
    // Only what may take its time: the first fetching of a nats-server.
    onProgress: (line: string) => line.includes('nats-server') && terminal.say(line),
  };
  return start(config).catch(async error => {
    throw await explained(error, choice, dataDir);
  });
}

/** Why the broker did not start, as far as this machine can tell better than the broker itself. */
async function explained(
  error: NodeJS.ErrnoException,
  { port }: UpChoice,
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
