// What may follow an unfinished command line, as a shell asks it: fast, and never more than words.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { oneLine, safeText } from '../../terminal/safe.js';
import type { Cli } from '../cli.js';
import { insertedBy, splitLine } from './bash-line.js';
import { type Candidate, expectedAt } from './candidates.js';
import type { Shell } from './scripts.js';
import { knownValues } from './values.js';

/** Prints the kind of what may follow, then each candidate; whatever fails, there is none. */
export async function complete(
  cli: Cli,
  program: Command,
  shell: Shell,
  typed: readonly string[],
): Promise<void> {
  if (shell !== 'bash') return answer(cli, await candidatesFor(cli, program, typed), linesOf);
  const [line = '', word = ''] = typed;
  // Behind a colon or an equals sign bash gives that for the word, and means the empty one.
  const current = /^[:=@]+$/.test(word) ? '' : word;
  const { words, last } = splitLine(line);
  // The first word is the program itself.
  const found = await candidatesFor(cli, program, words.slice(1));
  const meant = words.at(-1) ?? '';
  await answer(cli, found, candidates =>
    candidates
      .filter(({ value }) => value.startsWith(meant))
      .flatMap(({ value }) => insertedBy(value, last, current) ?? []),
  );
}

function answer(
  { terminal }: Cli,
  candidates: readonly Candidate[] | 'files',
  linesFor: (candidates: readonly Candidate[]) => string[],
): Promise<void> {
  if (candidates === 'files') return terminal.out('files');
  return terminal.out('words', ...linesFor(candidates));
}

function linesOf(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ value, about }) => {
    return about ? `${value}\t${oneLine(about, limits.completion_about_chars)}` : value;
  });
}

async function candidatesFor(
  cli: Cli,
  program: Command,
  words: readonly string[],
): Promise<Candidate[] | 'files'> {
  const expected = expectedAt(program, words);
  const { kind, before = '' } = expected;
  if (kind === 'nothing') return [];
  if (kind === 'files') return 'files';
  const found = kind === 'words' ? expected.words : await valuesNow(cli, program, words, expected);
  return plain(found).map(({ value, ...more }) => ({ value: before + value, ...more }));
}

/** What is known in time. */
async function valuesNow(...asked: Parameters<typeof knownValues>): Promise<Candidate[]> {
  const late = sleep(limits.completion_wait_ms, [], { ref: false });
  const known = knownValues(...asked).catch(() => []);
  // What would be taken for an option is none of ours.
  return (await Promise.race([known, late])).filter(({ value }) => !value.startsWith('-'));
}

/** What a terminal or a shell could take for more than a word is left out: it came from others. */
function plain(candidates: readonly Candidate[]): Candidate[] {
  const isPlain = ({ value }: Candidate) =>
    value !== '' && safeText(value) === value && !/[\t\r\n\u2028\u2029]/.test(value);
  return candidates.filter(isPlain);
}
