// The verb down: stops the broker of a data directory and waits until it is gone.
import { limits } from '../../schemas/limits.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';
import type { Cli, CliVerb } from './cli.js';
import { demandContext, LOCAL } from './config/contexts.js';
import { examples } from './options.js';
import { dataDirectory } from './reach/paths.js';
import { isGoneWithin } from './reach/process.js';
import { runningIn } from './reach/running.js';

export const down: CliVerb = (program, act) => {
  program
    .command('down')
    .description('stop the broker')
    .addHelpText('after', examples('signalbox down', 'signalbox down --mesh work'))
    .action(act(run));
};

async function run({ terminal, paths, options, world }: Cli): Promise<void> {
  const dataDir = options.data ?? dataDirectory(paths, options.mesh);
  const running = await runningIn(dataDir);
  const { context = LOCAL } = options;
  const isNamed = options.data !== undefined || options.context === LOCAL;
  // A directory that was named is meant, whatever the environment says.
  const meant = isNamed ? undefined : world.env.SIGNALBOX_URL;
  const elsewhere = context === LOCAL ? undefined : demandContext(paths.config, context).url;
  const named = options.url ?? elsewhere ?? meant;
  if (named !== undefined && running.state === 'alive') demandSame(named, running.endpoint.url);
  switch (running.state) {
    case 'none':
      terminal.say(`no broker runs in ${dataDir}`);
      return terminal.one({ stopped: false }, () => []);
    case 'dead':
      terminal.say(`no broker runs in ${dataDir}; the last one was killed, and nothing is lost`);
      return terminal.one({ stopped: false }, () => []);
    case 'alive':
      await stop(terminal, running.endpoint.pid);
      return terminal.one({ stopped: true, pid: running.endpoint.pid }, () => [
        `stopped ${running.endpoint.url} (pid ${running.endpoint.pid})`,
      ]);
  }
}

/** Whoever speaks to another broker, as to a replay, does not mean to stop the one here. */
function demandSame(named: string, here: string): void {
  const urls = named.split(',').map(url => url.trim().replace(/\/+$/, ''));
  if (urls.includes(here.replace(/\/+$/, ''))) return;
  throw new Failure(
    'conflict',
    `the broker that runs here is ${here}, not ${oneLine(named, 200)}`,
    {
      hint: 'for the one that runs here: signalbox down --context local, or --data DIR',
    },
  );
}

async function stop(terminal: Cli['terminal'], pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It may have gone by itself since we looked.
    if (code === 'ESRCH') return;
    throw new Failure('unauthorised', `may not stop pid ${pid}: it runs as another user`);
  }
  const gone = isGoneWithin(pid, limits.cli_stop_ms);
  if (await terminal.during(`stopping pid ${pid}`, gone)) return;
  throw new Failure('failed', `pid ${pid} still runs after ${limits.cli_stop_ms / 1_000} s`, {
    hint: `kill -9 ${pid} is safe: nothing acknowledged is lost`,
  });
}
