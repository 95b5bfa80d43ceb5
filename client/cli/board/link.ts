// The verb board link: what is being done about an item, so that a scan can tell it.
import { resolve } from 'node:path';
import { oneLine } from '../../terminal/safe.js';
import { isFullId, isShortId } from '../../terminal/short-id.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { findJob, findRef } from '../reach/find.js';
import { orMe } from '../reach/peers.js';
import { BOARD, chosenBoard, deskOf } from './desk.js';

const LINE_CHARS = 120;

export const link: CliVerb = (group, act) => {
  group
    .command('link')
    .description('say what is being done about an item: a job, an ask, a peer, a pull request')
    .argument('<item>', 'its id, the beginning of it, its title or its address')
    .argument('<ref>', 'a job, ask or peer by its id, a pull request by its URL, a worktree')
    .option('--board <board>', BOARD)
    .option('--remove', 'take the link away')
    .addHelpText('after', examples('signalbox board link fix-login-3f2a ../worktrees/login'))
    .action(act(run));
};

/** What was typed as it is kept: whole ids, whole paths. Rejects with a Failure for none. */
export async function refIn(cli: Cli, typed: string): Promise<string> {
  if (/^https?:\/\//.test(typed) || isFullId(typed)) return typed;
  if (/^[./~]/.test(typed)) return resolve(cli.world.directory, typed);
  const reach = await cli.reach();
  if (/^#?\d{1,3}$/.test(typed)) return findJob(cli, reach, typed);
  if (isShortId(typed)) return findRef(cli, reach, typed, ['job', 'ask']);
  return orMe(cli, reach, typed);
}

async function run(
  cli: Cli,
  wanted: string,
  given: string,
  options: { board?: string; remove?: boolean },
): Promise<void> {
  const { terminal } = cli;
  const { board } = await chosenBoard(cli, options.board);
  const { linkItem } = await import('../../boards/moving.js');
  const ref = await refIn(cli, given);
  const remove = options.remove === true;
  const call = linkItem(board, { item: wanted, ref, remove }, deskOf(cli).mesh);
  const item = await terminal.during('linking', call);
  const what = remove ? 'no longer linked with' : 'linked with';
  const line = `"${oneLine(item.title, LINE_CHARS)}" is ${what} ${oneLine(ref, LINE_CHARS)}`;
  await terminal.one({ board: board.name, item: item.id, ref }, () => [line]);
}
