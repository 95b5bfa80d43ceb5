// The verb log: what happened, and what an operator decides about the log itself.
import { access } from 'node:fs/promises';
import { Failure } from '../terminal/exit.js';
import type { Cli, CliVerb } from './cli.js';
import { addBackup } from './log/backup.js';
import { addExport } from './log/export.js';
import { addKey } from './log/key.js';
import { addRead } from './log/read.js';
import { addVerify } from './log/verify.js';
import { examples } from './options.js';
import { dataDirectory } from './reach/paths.js';
import { runningIn } from './reach/running.js';

export const log: CliVerb = (program, act) => {
  const verb = program
    .command('log')
    .description('read, export, verify and back up the log; go on after a loss');
  addRead(verb, act);
  addExport(verb, act);
  addVerify(verb, act);
  addKey(verb, act);
  addBackup(verb, act);
  verb
    .command('accept-loss')
    .description('go on with a log that lost its tail or differs from what was acknowledged here')
    .option('--force', 'also when nothing is lost here, as after a change of --nats')
    .addHelpText(
      'after',
      `\n${[
        'The store as it is gets another name beside it; nothing is deleted. Every event that can',
        'be read begins a new log: the next `signalbox up` goes on with it under a new log id, and',
        'cursors of the old one are refused.',
      ].join('\n')}\n${examples('signalbox log accept-loss')}`,
    )
    .action(act(acceptLoss));
};

async function acceptLoss(
  { paths, options, terminal }: Cli,
  { force }: { force?: boolean },
): Promise<void> {
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
  const { acceptLoss: accept } = await import('../../broker/main.js');
  const loss = await accept(dataDir, { force: force === true }).catch(error => {
    if (error.code !== 'nothing_lost') throw error;
    throw new Failure('conflict', `nothing is lost in ${dataDir}, so it was left as it is`, {
      hint: 'start it: signalbox up   or begin a new log id all the same, with --force',
    });
  });
  await terminal.one({ data: dataDir, accepted: true, ...loss }, () => told(loss));
}

type Loss = Awaited<ReturnType<typeof import('../../broker/main.js')['acceptLoss']>>;

function told({ aside, kept, lost, isElsewhere }: Loss): string[] {
  if (isElsewhere) {
    return ['accepted; the next `signalbox up` goes on with the log of its server as it is'];
  }
  const events = lost.events === undefined ? '' : ` with ${counted(lost.events, 'event')}`;
  const unknown = 'how much was lost after them cannot be told: the mark beside the log is gone';
  return [
    `kept ${counted(kept.events, 'event')} in ${counted(kept.commits, 'commit')}`,
    `lost ${counted(lost.commits, 'commit')}${events}`,
    ...(lost.events === undefined ? [unknown] : []),
    aside === undefined ? 'there was no store here' : `the damaged store is in ${aside}`,
    'accepted; the next `signalbox up` goes on under a new log id',
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
