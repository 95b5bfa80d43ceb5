// What may follow the words of an unfinished command line, read off the commander program itself.
import type { Argument, Command, Option } from 'commander';

/** One word that may stand there. */
export interface Candidate {
  value: string;
  /** What it is, on one line. */
  about?: string;
}

/** What may stand at the end of the line. */
export type Expected = (
  | { kind: 'words'; words: Candidate[] }
  | { kind: 'files' }
  /** Something that only the broker or this user's files know, by the name of its argument. */
  | { kind: 'values'; of: string; verb: string }
  | { kind: 'nothing' }
) & {
  /** What stands before the value in its word, as `--state=`. */
  before?: string;
};

/** What may follow: `typed` are the words so far, the last of them the one to complete. */
export function expectedAt(program: Command, typed: readonly string[]): Expected {
  const current = typed.at(-1) ?? '';
  const line = walk(program, typed.slice(0, -1));
  const { command, pending } = line;
  if (pending !== undefined && (pending.required || !current.startsWith('-'))) {
    const expected = valuesOf(pending, command);
    if (pending.required || expected.kind !== 'nothing') return expected;
  }
  const [before, long] = /^(--[a-z-]+)=/.exec(current) ?? [];
  const joined = long === undefined || line.isPlain ? undefined : optionNamed(command, long);
  if (joined !== undefined && before !== undefined) return { ...valuesOf(joined, command), before };
  if (current.startsWith('-') && !line.isPlain) return { kind: 'words', words: optionsOf(line) };
  if (command.name() === 'help' && command.parent !== null) return verbsOf(line.helped);
  if (command.commands.length > 0 && line.given === 0) return verbsOf(command);
  const { registeredArguments: wanted } = command;
  const last = wanted.at(-1);
  const argument = wanted[line.given] ?? (last?.variadic ? last : undefined);
  return argument === undefined ? { kind: 'nothing' } : valuesOf(argument, command);
}

interface Line {
  /** The verb that is meant so far. */
  command: Command;
  /** How many arguments of it stand there. */
  given: number;
  /** The option whose value comes next. */
  pending: Option | undefined;
  used: ReadonlySet<Option>;
  /** True behind `--`, where nothing is an option. */
  isPlain: boolean;
  /** The verb that `help` is asked about. */
  helped: Command;
}

function walk(program: Command, words: readonly string[]): Line {
  const used = new Set<Option>();
  const line: Line = {
    command: program,
    given: 0,
    pending: undefined,
    used,
    isPlain: false,
    helped: program,
  };
  for (const word of words) {
    const { pending, command } = line;
    line.pending = undefined;
    if (pending !== undefined && (pending.required || !word.startsWith('-'))) {
      if (pending.variadic) line.pending = pending;
    } else if (!line.isPlain && word === '--') {
      line.isPlain = true;
    } else if (!line.isPlain && word.length > 1 && word.startsWith('-')) {
      const option = optionNamed(command, word.split('=')[0] ?? '');
      if (option !== undefined) used.add(option);
      const takes = option !== undefined && (option.required || option.optional);
      if (takes && !word.includes('=')) line.pending = option;
    } else {
      const below = line.given > 0 ? undefined : command.commands.find(named(word));
      if (command.name() === 'help') {
        line.helped = line.helped.commands.find(named(word)) ?? line.helped;
      }
      if (below === undefined) line.given += 1;
      else line.command = below;
    }
  }
  return line;
}

function named(word: string): (command: Command) => boolean {
  return command => command.name() === word || command.aliases().includes(word);
}

function lineage(command: Command): Command[] {
  return command.parent === null ? [command] : [command, ...lineage(command.parent)];
}

function optionNamed(command: Command, word: string): Option | undefined {
  const options = lineage(command).flatMap(each => each.options);
  return options.find(option => option.long === word || option.short === word);
}

/** Options of the verb before those of the program; none that stands there already. */
function optionsOf({ command, used }: Line): Candidate[] {
  const options = lineage(command).flatMap(each => each.options);
  const free = options.filter(option => !option.hidden && (option.variadic || !used.has(option)));
  const words = free.map(({ long, short, description }) => ({
    value: long ?? short ?? '',
    about: description,
  }));
  return [...words, { value: '--help', about: 'show how it is used' }];
}

function verbsOf(command: Command): Expected {
  const words = command.commands.map(each => {
    return { value: each.name(), about: each.description() };
  });
  return { kind: 'words', words };
}

/** Free text has no candidates; a file is the shell's to find. */
function valuesOf(wanted: Argument | Option, command: Command): Expected {
  const { argChoices } = wanted;
  if (argChoices) return { kind: 'words', words: argChoices.map(value => ({ value })) };
  const isOption = 'flags' in wanted;
  const name = isOption ? (/[<[]([^\]>]+)[\]>]/.exec(wanted.flags)?.[1] ?? '') : wanted.name();
  if (/^(file|dir)$/.test(name)) return { kind: 'files' };
  const verb = lineage(command).at(-2)?.name() ?? '';
  // Of an option `<name>` says little; its own name says what is meant.
  const of = isOption && /^(name|list)$/.test(name) ? (wanted.long?.slice(2) ?? name) : name;
  return { kind: 'values', of, verb };
}
