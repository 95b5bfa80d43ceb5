// The verb board move: an item goes to another column, and the log knows who moved it.
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { BOARD, chosenBoard, deskOf } from './desk.js';
import { refIn } from './link.js';

interface Options {
  board?: string;
  from?: string;
  revision?: string;
  for?: string;
}

const LINE_CHARS = 120;

export const move: CliVerb = (group, act) => {
  group
    .command('move')
    .description('move an item to another column; it says so when somebody else was faster')
    .argument('<item>', 'its id, the beginning of it, its title or its address')
    .argument('<column>', 'the column by its word, or what that comes to, as "in progress"')
    .option('--board <board>', BOARD)
    .option('--from <column>', 'only while it stands there')
    .option('--revision <revision>', 'only while nobody changed it since a scan told this')
    .option('--for <ref>', 'the job, ask, peer, pull request or worktree it is moved for')
    .addHelpText(
      'after',
      examples(
        'signalbox board move fix-login-3f2a "in progress" --for 9c4e21',
        'signalbox board move "Fix login" done --from "in review"',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, item: string, to: string, options: Options): Promise<void> {
  const { terminal } = cli;
  const { board } = await chosenBoard(cli, options.board);
  const { moveItem } = await import('../../boards/moving.js');
  const { from, revision } = options;
  const ref = options.for === undefined ? undefined : await refIn(cli, options.for);
  const wanted = { item, to, from, revision, ref };
  const told = await terminal.during('moving', moveItem(board, wanted, deskOf(cli)));
  const { outcome, item: now, from: before, doubt } = told;
  const name = `"${oneLine(now.title, LINE_CHARS)}"`;
  const column = oneLine(now.column, LINE_CHARS);
  const lines = {
    moved: `moved ${name} from ${oneLine(before, LINE_CHARS)} to ${column}`,
    already: `${name} stands in ${column} already`,
    elsewhere: `${name} was moved or changed meanwhile, and is left in ${column}`,
  };
  await terminal.one({ board: board.name, ...told }, () =>
    outcome === 'elsewhere' ? [] : [lines[outcome]],
  );
  if (doubt !== undefined)
    terminal.say(`the log does not know of it: ${oneLine(doubt, LINE_CHARS)}`);
  if (outcome !== 'elsewhere') return;
  throw new Failure('conflict', lines.elsewhere, {
    hint: 'look again before you decide: signalbox board scan --all',
  });
}
