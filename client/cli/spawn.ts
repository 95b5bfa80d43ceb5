// The verb spawn: starts a session of a coding agent in an allowed folder, and briefs it once.
import { InvalidArgumentError, Option } from 'commander';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { runtimeNames } from '../setup/targets.js';
import type { CliVerb } from './cli.js';
import { examples, seconds } from './options.js';
import { addAllow } from './spawn/allow.js';
import { addList } from './spawn/list.js';
import type { StartOptions } from './spawn/start.js';

export const spawn: CliVerb = (program, act) => {
  const group = program
    .command('spawn')
    .description('start a session of a coding agent, wait until it has joined, and brief it once')
    .argument('[words...]', 'behind --: words for the agent, as far as they are allowed')
    .addOption(new Option('--runtime <name>', 'which agent').choices(runtimeNames))
    .option('--path <dir>', 'the folder that it works in, or whose repository')
    .option('--worktree <branch>', 'in a worktree of its own, on this branch')
    .option('--base <ref>', 'where a new branch begins (default: what is checked out)')
    .option(
      '--name <name>',
      'the name it joins under (default: of the folder and branch)',
      peerName,
    )
    .addOption(
      new Option('--role <role>', 'the role it joins in')
        .choices(['agent', 'orchestrator', 'service'])
        .default('agent'),
    )
    .option('--job <job>', 'tell it to claim this job')
    .option('-m, --message <text>', 'ask it this first; - reads stdin')
    .option('--file <file>', 'the same from a file, below the text')
    .option('--timeout <time>', 'wait so long for it to join', seconds, limits.spawn_join_s)
    .addOption(new Option('--tmux', 'in a terminal of tmux (default where there is tmux)'))
    .addOption(
      new Option('--detached', 'without a terminal, until its work is done').conflicts('tmux'),
    )
    .addOption(
      new Option('--resume <spawn>', 'go on with a start that was broken off').conflicts([
        ...['runtime', 'path', 'worktree', 'base', 'name', 'job', 'message', 'file'],
      ]),
    )
    .addHelpText(
      'after',
      examples(
        'signalbox spawn allow ~/work/shop',
        'signalbox spawn --runtime claude-code --path ~/work/shop --worktree login -m "Fix #12"',
        'signalbox spawn --runtime codex --path . --detached --job 3fa2c1',
        'signalbox spawn list',
      ),
    )
    .action(
      act(async (cli, words: string[], options: StartOptions) => {
        const { start } = await import('./spawn/start.js');
        await start(cli, words, options);
      }),
    );
  addAllow(group, act);
  addList(group, act);
  group
    .command('keep', { hidden: true })
    .description('run a session that has no terminal; spawn calls this itself')
    .argument('<spawn>', 'its id')
    .argument('[words...]', 'behind --: the words of its program')
    .action(
      act(async (cli, id: string, words: string[]) => {
        const { keep } = await import('./spawn/keep.js');
        await keep(cli, id, words);
      }),
    );
};

function peerName(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError('Use 1-64 of a-z 0-9 . _ - and begin with a letter or digit.');
}
