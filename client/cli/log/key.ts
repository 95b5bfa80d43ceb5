// The verb log key: the public key by which a broker signs, for those who verify.

import type { Command } from 'commander';
import { Failure } from '../../terminal/exit.js';
import type { Act, Cli } from '../cli.js';
import { LOCAL } from '../config/contexts.js';
import { examples } from '../options.js';
import { dataDirectory } from '../reach/paths.js';
import { keyIn } from './offline.js';

/** Adds the verb below `log`. */
export function addKey(log: Command, act: Act): void {
  log
    .command('key')
    .description('show the public key that this broker signs the log with')
    .addHelpText('after', examples('signalbox log key', 'signalbox log key --json'))
    .action(act(run));
}

/** Of the broker that runs; of one that does not, what its data directory holds. */
async function run(cli: Cli): Promise<void> {
  const key = await keyOfRunning(cli).catch(async error => {
    const { options, paths } = cli;
    const { context, url } = options;
    const isNamed = context === undefined && cli.world.env.SIGNALBOX_URL !== undefined;
    const isHere = url === undefined && !isNamed && (context ?? LOCAL) === LOCAL;
    const kept = isHere
      ? await keyIn(options.data ?? dataDirectory(paths, options.mesh))
      : undefined;
    if (kept === undefined) throw error;
    return kept;
  });
  await cli.terminal.one({ key }, () => [key]);
}

/** Of a replay: its broker takes no word and vouches for none. */
export function signsNothing(): Failure {
  return new Failure('failed', 'a replay signs nothing, so it has no key and makes no backup', {
    hint: 'ask the broker whose log it shows: without SIGNALBOX_URL, or with its --url',
  });
}

async function keyOfRunning(cli: Cli): Promise<string> {
  const { key } = await (await cli.reach()).read('mesh.audit', {});
  if (key === '') throw signsNothing();
  return key;
}
