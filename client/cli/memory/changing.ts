// The verbs memory write and forget: a rule more or less, by the orchestrator or its person.
import { limits } from '../../../schemas/limits.js';
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import type { RuleFinding } from '../../workspace/rule-check.js';
import type { Act, Cli, CliVerb } from '../cli.js';
import { examples, withText } from '../options.js';
import { demandWriter, workspaceHere } from '../orchestrator/here.js';
import { needText } from '../text.js';
import { moreTags } from './tag.js';

interface WriteOptions {
  reason: string;
  for?: string[];
  replaces?: string;
  anyway?: boolean;
  file?: string;
}

export const changing: CliVerb = (group, act) => {
  writing(group, act);
  group
    .command('forget')
    .description('take a rule out; it is kept in memory/forgotten.md, with the reason')
    .argument('<rule>', 'its id, as memory list shows them')
    .requiredOption('--reason <text>', 'why it does not hold any more')
    .addHelpText('after', examples('signalbox memory forget deploy-fridays --reason "we do now"'))
    .action(act(forget));
};

function writing(group: Parameters<CliVerb>[0], act: Act): void {
  withText(group.command('write').description('remember a rule, as one file in memory/'))
    .requiredOption('--reason <text>', 'why, so that one can tell when it does not hold any more')
    .option('--for <tag>', 'only for project:NAME, peer:NAME or topic:NAME; repeatable', moreTags)
    .option('--replaces <rule>', 'forget that one, which this one is instead of')
    .option('--anyway', 'although it is much like another, or against it')
    .addHelpText(
      'after',
      examples(
        'signalbox memory write "Never deploy on Fridays" --reason "outage of 20 Nov"',
        'signalbox memory write "Use pnpm" --for project:web --reason "Ada said so"',
      ),
    )
    .action(act(write));
}

async function write(cli: Cli, words: string[], options: WriteOptions): Promise<void> {
  const { writeRule } = await import('../../workspace/memory.js');
  const workspace = workspaceHere(cli);
  const { file } = options;
  const text = (await needText({ words, ...(file && { file }) }, cli.world)).trim();
  const most = limits.workspace_rule_max_chars;
  if (text === '' || text.length > most) {
    throw new Failure('usage', `a rule has 1 to ${most} characters; this has ${text.length}`, {
      hint: 'what happened belongs to the log; a rule says what to do from now on',
    });
  }
  const rule = { words: text, tags: options.for ?? [], reason: reasonOf(options) };
  const by = await demandWriter(cli);
  const { replaces, anyway = false } = options;
  const terms = { now: new Date(), anyway, ...(replaces !== undefined && { replaces }) };
  const written = writeRule(workspace, { ...rule, by }, terms);
  if ('findings' in written) throw against(written.findings);
  await cli.terminal.one(written, () => [`${written.id}   (${written.file})`]);
}

async function forget(cli: Cli, id: string, options: { reason: string }): Promise<void> {
  const { findRule, forgetRule } = await import('../../workspace/memory.js');
  const workspace = workspaceHere(cli);
  findRule(workspace, id);
  const reason = reasonOf(options);
  const by = await demandWriter(cli);
  const kept = forgetRule(workspace, id, { reason, by }, new Date());
  await cli.terminal.one({ id, kept }, () => [`${id} is forgotten   (kept in ${kept})`]);
}

/** On one line, as it stands in the head of a file. */
function reasonOf({ reason }: { reason: string }): string {
  const line = reason.replace(/\s+/g, ' ').trim();
  const most = limits.workspace_reason_chars;
  if (line !== '' && line.length <= most) return line;
  throw new Failure('usage', `a reason has 1 to ${most} characters; this has ${line.length}`);
}

const WHAT: Record<RuleFinding['kind'], string> = {
  same: 'says the same',
  similar: 'says much the same',
  contradicts: 'may say the opposite, or another value',
};

function against(findings: readonly RuleFinding[]): Failure {
  const named = findings.map(({ id, kind }) => `${oneLine(id, 60)} ${WHAT[kind]}`);
  const [first] = findings;
  const instead = `--replaces ${oneLine(first?.id ?? 'ID', 60)}`;
  const isSame = findings.some(({ kind }) => kind === 'same');
  return new Failure('conflict', `nothing is written: ${named.join('; ')}`, {
    hint: isSame ? instead : `${instead}, or --anyway; see: signalbox memory show ID`,
  });
}
