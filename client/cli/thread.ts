// The verb thread: the tree of what came of what, around an ask, message, job, schedule or watch.
import { createRecordLines } from '../terminal/events.js';
import { nameIds } from '../terminal/names.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { noteShown } from './reach/find.js';
import { learnDeparted, peerNames } from './reach/peers.js';
import { recordOf } from './timeline/hits.js';
import { demandWords, meantThing } from './timeline/meant.js';

const KINDS = ['ask', 'msg', 'job', 'sched', 'watch'] as const;
const INDENT = '  ';
/** Deeper ones stand below each other. */
const STEPS = 6;

export const thread: CliVerb = (program, act) => {
  program
    .command('thread')
    .description('show what came of what, around an ask, message, job, schedule or watch')
    .argument('<words...>', 'its id as shown, the URL of a pull request, or words to search for')
    .addHelpText(
      'after',
      examples(
        'signalbox thread 3fa2c1',
        'signalbox thread deploy staging',
        'signalbox thread 3fa2c1 --json',
      ),
    )
    .action(
      act(async (cli, words: string[]) => {
        const { terminal } = cli;
        demandWords(words);
        const reach = await cli.reach();
        const [url] = words.filter(word => word.includes('://'));
        const isUrl = url !== undefined && words.length === 1;
        const ref = isUrl ? url : await meantThing(cli, reach, words, KINDS);
        const call = reach.read('log.thread', { ref });
        const { nodes, indexed_to, more } = await terminal.during('looking', call);
        const names = await peerNames(reach, nodes);
        await learnDeparted(reach, names, nodes);
        await noteShown(
          cli,
          reach,
          nodes.map(({ ref }) => ref),
        );
        const depths = new Map<string, number>();
        const shown = new Set<number>();
        const lines = () => {
          const tell = createRecordLines(terminal, names, brokerTime.now());
          return nodes.flatMap(({ ref, parent, records }) => {
            const depth = parent === undefined ? 0 : (depths.get(parent) ?? 0) + 1;
            depths.set(ref, depth);
            // An event that makes one thing of another belongs to both, and is told once.
            const news = records.filter(([position]) => !shown.has(position));
            for (const [position] of news) shown.add(position);
            const told = news.map(recordOf).filter(record => record !== undefined);
            const indent = INDENT.repeat(Math.min(depth, STEPS));
            return tell(told).lines.map(line => `${indent}${line}`);
          });
        };
        const rest = { indexed_to, ...(more && { more }) };
        await terminal.many(nameIds(nodes, names), lines, 'nothing is known of it', rest);
        if (more) terminal.hint('there is more; --json tells where it was cut');
      }),
    );
};
