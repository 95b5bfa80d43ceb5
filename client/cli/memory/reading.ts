// The verbs memory list, show and search: which rules there are, and what they say.
import { columnLines } from '../../terminal/columns.js';
import { oneLine } from '../../terminal/safe.js';
import { dayOf } from '../../terminal/times.js';
import type { MemoryRule } from '../../workspace/rule-file.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { workspaceHere } from '../orchestrator/here.js';
import { readTag } from './tag.js';

interface ListOptions {
  for?: string;
}

export const reading: CliVerb = (group, act) => {
  group
    .command('list')
    .description('show every rule of this workspace, the newest first')
    .option('--for <tag>', 'only those for project:NAME, peer:NAME or topic:NAME', readTag)
    .addHelpText('after', examples('signalbox memory list', 'signalbox memory list --for peer:api'))
    .action(act(list));
  group
    .command('show')
    .description('print one rule whole, with its date, its reason and who wrote it')
    .argument('<rule>', 'its id, as memory list shows them')
    .addHelpText('after', examples('signalbox memory show deploy-fridays'))
    .action(act(show));
  group
    .command('search')
    .description('find rules by the words in them; what happened is in the log: signalbox search')
    .argument('<words...>', 'all of them, or how they begin')
    .addHelpText('after', examples('signalbox memory search deploy'))
    .action(act(search));
};

async function list(cli: Cli, { for: tag }: ListOptions): Promise<void> {
  const { readMemory } = await import('../../workspace/memory.js');
  const { rules, faults } = readMemory(workspaceHere(cli));
  for (const { file, fault } of faults) cli.terminal.say(`memory/${oneLine(file, 80)}: ${fault}`);
  const wanted = tag === undefined ? rules : rules.filter(({ tags }) => tags.includes(tag));
  await tell(cli, wanted, 'no rules: signalbox memory write "…" --reason "…"');
}

async function show(cli: Cli, id: string): Promise<void> {
  const { findRule } = await import('../../workspace/memory.js');
  const { terminal } = cli;
  const rule = findRule(workspaceHere(cli), id);
  if (terminal.format !== 'people') return terminal.out(JSON.stringify(rowOf(rule)));
  const { words, reason, by } = rule;
  const facts = [
    `${id}, ${dayOf(rule.time)}${by === undefined ? '' : ` by ${oneLine(by, 80)}`}`,
    `for      ${forWhat(rule)}`,
    ...(reason === undefined ? [] : [`reason   ${oneLine(reason, 300)}`]),
  ];
  await terminal.out(...facts, '', terminal.text(words));
}

async function search(cli: Cli, words: string[]): Promise<void> {
  const { readMemory, searchMemory } = await import('../../workspace/memory.js');
  const { rules } = readMemory(workspaceHere(cli));
  const found = searchMemory(rules, words.join(' '));
  await tell(cli, found, 'no rule has these words; what happened is in the log: signalbox search');
}

async function tell({ terminal }: Cli, rules: readonly MemoryRule[], none: string): Promise<void> {
  const lines = () =>
    columnLines(
      [
        { head: 'ID', of: ({ id }) => oneLine(id, 60) },
        { head: 'DATE', of: ({ time }) => dayOf(time) },
        { head: 'FOR', of: forWhat },
        { head: 'RULE', of: ({ words }) => oneLine(words, 200) },
      ],
      rules,
      terminal.width,
    );
  await terminal.many(rules.map(rowOf), lines, none);
}

function rowOf({ words, isWhole, ...rule }: MemoryRule) {
  return { ...rule, words, ...(!isWhole && { cut: true }) };
}

function forWhat({ tags }: MemoryRule): string {
  return tags.length === 0 ? 'always' : oneLine(tags.join(' '), 60);
}
