// The verb trace: what became of an ask or message, stage by stage.
import { waitingText } from '../runtimes/when-seen.js';
import { nameIds } from '../terminal/names.js';
import { tableLines } from '../terminal/table.js';
import { span, stamp } from '../terminal/times.js';
import type { CliVerb } from './cli.js';
import { examples } from './options.js';
import { brokerTime } from './reach/calls.js';
import { peerNames } from './reach/peers.js';
import { demandWords, meantThing } from './timeline/meant.js';

export const trace: CliVerb = (program, act) => {
  program
    .command('trace')
    .description('show what became of an ask or message')
    .argument('<words...>', 'its id as shown, or words that were said in it')
    .addHelpText('after', examples('signalbox trace 3fa2c1', 'signalbox trace which port'))
    .action(
      act(async (cli, words: string[]) => {
        const { terminal } = cli;
        demandWords(words);
        const reach = await cli.reach();
        const ref = await meantThing(cli, reach, words, ['ask', 'msg']);
        const call = reach.read('message.trace', { ref });
        const { stages, waiting = [] } = await terminal.during('reading the log', call);
        const names = await peerNames(reach, [...stages, ...waiting]);
        const rows = stages.map(({ stage, time, by }) => [stamp(time), stage, names.of(by)]);
        const head = ['WHEN', 'STAGE', 'BY'];
        const waits = waiting.map(each => {
          const since = span((brokerTime.now() - each.since) / 1_000);
          return `waits for ${each.to_name ?? each.to} since ${since}: ${waitingText(each)}`;
        });
        const lines = () =>
          rows.length === 0 ? [] : [...tableLines(head, rows, terminal.width), ...waits];
        const { stages: told, waiting: waits_for } = nameIds({ stages, waiting }, names);
        await terminal.many(told, lines, 'nothing is known of it', { waiting: waits_for });
      }),
    );
};
