// The verb search: finds what was said, by its words.
import { createRecordLines } from '../terminal/events.js';
import { Failure } from '../terminal/exit.js';
import { nameIds } from '../terminal/names.js';
import { PLACE_HELP } from '../terminal/places.js';
import { oneLine, safeText } from '../terminal/safe.js';
import type { Terminal } from '../terminal/terminal.js';
import { cut, widthOf } from '../terminal/width.js';
import type { Cli, CliVerb } from './cli.js';
import { countOf, examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { type FilterOptions, filterOf, withFilter } from './reach/filter.js';
import { noteShown } from './reach/find.js';
import { learnDeparted, peerNames } from './reach/peers.js';
import { place } from './reach/place.js';
import { type Hit, recordOf, searchAll, stretchOf } from './timeline/hits.js';

const USUAL = 20;
const SNIPPET_CHARS = 400;
const INDENT = '    ';

interface Options extends FilterOptions {
  from?: string;
  to?: string;
  project?: string;
  best?: boolean;
  max?: number;
}

export const search: CliVerb = (program, act) => {
  const verb = program
    .command('search')
    .description('find what was said: words, "a phrase", prefix*, this OR that, -not')
    .argument('<words...>', 'what to look for; a phrase or -not goes in quotes of the shell')
    .option('--from <place>', 'where to begin (default: the start)', place)
    .option('--to <place>', 'where to end (default: now)', place)
    .option('--project <name>', 'from or to peers who work on it only')
    .option('--best', 'the best of the newest first, not the newest')
    .option('--max <count>', `how many (default: ${USUAL})`, countOf);
  withFilter(verb)
    .addHelpText(
      'after',
      `\n${PLACE_HELP}\n${examples(
        'signalbox search staging --peers api --from tuesday',
        'signalbox search \'"may I merge"\' --kinds ask --best',
        'signalbox search migrat* --json',
      )}`,
    )
    .action(act(run));
};

async function run(cli: Cli, words: string[], options: Options): Promise<void> {
  const { terminal } = cli;
  const { from, to, project, best, max = USUAL } = options;
  const query = words.join(' ').trim();
  if (query === '') {
    throw new Failure('usage', 'there are no words to look for', {
      hint: 'all that happened: signalbox timeline, or signalbox tail --from start',
    });
  }
  const reach = await cli.reach();
  const filter = await filterOf(cli, reach, options);
  const asked = {
    query,
    filter,
    records: true,
    ...(project !== undefined && { project }),
    ...(best && { order: 'best' as const }),
  };
  const looking = searchAll(reach, asked, max, await stretchOf(reach, { from, to }));
  const found = await terminal.during('searching', looking);
  const { hits, indexed_to, next } = found;
  const records = hits.map(({ record }) => record && recordOf(record));
  const names = await peerNames(reach, hits);
  await learnDeparted(reach, names, records);
  const ids = hits.map(({ ref }) => ref);
  await noteShown(cli, reach, ids);
  const tell = createRecordLines(terminal, names, brokerTime.now());
  const lines = () =>
    hits.flatMap((hit, n) => {
      const record = records[n];
      return [...(record === undefined ? [] : tell([record]).lines), snippetLine(hit, terminal)];
    });
  const told = nameIds(hits, names);
  await terminal.many(told, lines, 'nothing was found', { indexed_to, ...(next && { next }) });
  if (hits.length > 0) terminal.hint(hintFor(hits, next));
}

/** What was found is marked as the terminal can, else by its brackets. */
function snippetLine({ snippet, marks }: Hit, { paint, width }: Terminal): string {
  let room = (Number.isFinite(width) ? width : SNIPPET_CHARS) - INDENT.length;
  if (!paint.isColorSupported) return INDENT + oneLine(snippet, room);
  let line = INDENT;
  const add = (text: string, painted: (text: string) => string) => {
    const shown = cut(safeText(text).replace(/\s+/g, ' '), room);
    room -= widthOf(shown);
    if (shown !== '') line += painted(shown);
  };
  let at = 0;
  for (const [from, to] of marks) {
    // The brackets stand beside each mark.
    add(snippet.slice(at, from - 1), paint.dim);
    add(snippet.slice(from, to), paint.bold);
    at = to + 1;
  }
  add(snippet.slice(at), paint.dim);
  return line;
}

function hintFor(hits: readonly Hit[], next: string | undefined): string {
  const thing = hits.find(({ ref }) => /^(?:ask|msg|job|sched)_/.test(ref))?.ref;
  const more = next === undefined ? '' : `   more: --max ${2 * hits.length}`;
  if (thing === undefined) return `that is all there is${more}`;
  return `what came of it: signalbox thread ${thing.slice(-6)}${more}`;
}
