// The verb status: whether a broker runs, which log it serves, and how well it is.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../schemas/method.js';
import { Failure } from '../terminal/exit.js';
import { span } from '../terminal/times.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { upFor } from './reach/endpoint.js';
import { dataDirectory } from './reach/paths.js';
import { commandOf } from './reach/process.js';
import { runningIn } from './reach/running.js';

export const status: CliVerb = (program, act) => {
  program
    .command('status')
    .description('show whether a broker runs and what it serves')
    .option('--pids', 'only the process ids of the broker and its nats-server')
    .addHelpText('after', examples('signalbox status', 'signalbox status --json'))
    .action(act((cli, { pids }: { pids?: boolean }) => (pids ? processIds(cli) : run(cli))));
};

/** Read from the data directory, so that it also works when the broker answers no more. */
async function processIds({ paths, options, terminal }: Cli): Promise<void> {
  const dataDir = options.data ?? dataDirectory(paths, options.mesh);
  const running = await runningIn(dataDir);
  if (running.state !== 'alive') {
    throw new Failure('unreachable', `no broker runs in ${dataDir}`, {
      hint: `start one with: ${upFor(options)}`,
    });
  }
  const { pid } = running.endpoint;
  const nats_pid = await natsPid(dataDir);
  // The number may be another process's by now, when the server was started anew since.
  const isServer = nats_pid !== undefined && (await commandOf(nats_pid))?.includes('nats-server');
  const pids = isServer ? [pid, nats_pid] : [pid];
  const rows = pids.map((each, at) => ({
    pid: each,
    process: at === 0 ? 'broker' : 'nats-server',
  }));
  await terminal.many(rows, () => pids.map(String), 'no process');
}

/** As its guardian wrote it, also after the broker has started it anew. */
async function natsPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'nats-server.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isNaN(pid) ? undefined : pid;
}

async function run(cli: Cli): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const [info, running] = await terminal.during(
    'asking',
    Promise.all([reach.read('mesh.info', {}), runningIn(reach.site.dataDir)]),
  );
  const isOwn = running.state === 'alive' && running.endpoint.url === reach.site.url;
  const pid = isOwn ? running.endpoint.pid : undefined;
  const told = { url: reach.site.url, ...info, ...(pid && { pid }) };
  await terminal.one(told, () => lines(reach.site.url, info, pid));
}

function lines(url: string, info: Result<'mesh.info'>, pid: number | undefined): string[] {
  const brokers = info.brokers.map(({ last_seen }) => span((info.time - last_seen) / 1_000));
  return [
    `broker      ${url}${pid ? ` (pid ${pid})` : ''}, version ${info.version}`,
    `mesh        ${info.mesh}, log ${info.log}`,
    `head        ${info.head}`,
    `durability  ${info.durability}`,
    `brokers     ${brokers.length}, last heard ${brokers.join(', ')} ago`,
  ];
}
