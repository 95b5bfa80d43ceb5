// The verb log: what an operator decides about the log itself.
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cli, Verb } from './cli.js';
import { Failure } from './exit.js';
import { examples } from './options.js';
import { dataDirectory } from './reach/paths.js';
import { runningIn } from './reach/running.js';
import { why } from './reach/why.js';

export const log: Verb = (program, act) => {
  program
    .command('log')
    .description('decide about the log itself')
    .command('accept-loss')
    .description('go on with a log that lost its tail or differs from what was acknowledged here')
    .addHelpText(
      'after',
      `\n${[
        'The next `signalbox up` goes on with the log as it is, under a new log id;',
        'cursors of the old one are refused.',
      ].join('\n')}\n${examples('signalbox log accept-loss')}`,
    )
    .action(act(acceptLoss));
};

async function acceptLoss({ paths, options, terminal }: Cli): Promise<void> {
  const dataDir = options.data ?? dataDirectory(paths, options.mesh);
  if ((await runningIn(dataDir)).state === 'alive') {
    throw new Failure('conflict', 'a broker serves this log, so there is no loss to accept', {
      hint: 'stop it first: signalbox down',
    });
  }
  await access(dataDir).catch(() => {
    throw new Failure('unknown', `there is no data directory ${dataDir}`, {
      hint: 'name it with --data or --mesh',
    });
  });
  const file = join(dataDir, 'loss-accepted');
  await writeFile(file, `${new Date().toISOString()}\n`, { mode: 0o600 }).catch((error: Error) => {
    throw new Failure('failed', `cannot write ${file}: ${why(error)}`);
  });
  await terminal.one({ data: dataDir, accepted: true }, () => [
    'accepted; the next `signalbox up` goes on under a new log id',
  ]);
}
