// The verb review queue: the pull requests that a peer has yet to review.
import type { ReviewRow } from '../../../schemas/review.js';
import { allRows } from '../../sdk/pages.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { type Names, nameIds } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { orMe, peerNames } from '../reach/peers.js';

interface Options {
  peer?: string;
  all?: boolean;
}

const URL_CHARS = 120;
const TITLE_CHARS = 200;
const SHA_CHARS = 7;

export const queue: CliVerb = (group, act) => {
  group
    .command('queue')
    .description('list the pull requests that you have yet to review')
    .option('--peer <peer>', 'those that this peer has yet to review')
    .option('--all', 'also those with nothing to do')
    .addHelpText(
      'after',
      examples('signalbox review queue', 'signalbox review queue --peer api --all --json'),
    )
    .action(act(run));
};

async function run(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const reach = await cli.reach();
  const peer = options.peer && (await orMe(cli, reach, options.peer));
  const pages = allRows(at => reach.look('review.queue', { ...(peer && { peer }), ...at }));
  const all = await terminal.during('asking', pages);
  const rows = options.all ? all : all.filter(row => row.my_action !== 'none-needed');
  const names = await peerNames(reach, rows);
  const hidden = all.length - rows.length;
  const lines = () => columnLines(reviewColumns(names), rows, terminal.width);
  await terminal.many(nameIds(rows, names), lines, 'no reviews to do');
  if (hidden > 0) terminal.say(`${hidden} more need nothing: signalbox review queue --all`);
}

/** The table of reviews. */
export function reviewColumns(names: Names): Column<ReviewRow>[] {
  const called = (peers: readonly string[] = []) => peers.map(names.of).join(',');
  return [
    { head: 'TO DO', of: ({ my_action }) => my_action },
    { head: 'STATE', of: ({ state }) => state },
    { head: 'REVIEWED', of: ({ last_reviewed_sha: sha }) => short(sha), isOptional: true },
    { head: 'HEAD', of: ({ current_head_sha: sha }) => short(sha), isOptional: true },
    { head: 'BY', of: ({ touched_by }) => called(touched_by), isOptional: true },
    { head: 'ASKED BY', of: ({ requested_by }) => called(requested_by), isOptional: true },
    { head: 'PULL REQUEST', of: ({ pr_url }) => oneLine(pr_url, URL_CHARS) },
    { head: 'TITLE', of: ({ title = '' }) => oneLine(title, TITLE_CHARS) },
  ];
}

function short(sha: string | undefined): string {
  return sha?.slice(0, SHA_CHARS) ?? '';
}
