// How the settings of a coding agent call this program, and how such a call is known again.
import { realpathSync } from 'node:fs';
import { type Called, quoted, selfCommand } from '../terminal/paste.js';

/** The words before the verb. */
export interface ProgramWords {
  words: readonly string[];
  /** False where the program is not on PATH: it is called by the absolute paths of now. */
  isNamed: boolean;
  /** True where those paths go with the next clean-up of a cache. */
  isFleeting: boolean;
}

/** By its name where a shell finds it, else by the files that run now. */
export function programWords(called: Called): ProgramWords {
  if (selfCommand(called) === 'signalbox') {
    return { words: ['signalbox'], isNamed: true, isFleeting: false };
  }
  const [node, file] = called.program;
  const real = realpathSync(file);
  return { words: [node, real], isNamed: false, isFleeting: /[\\/]_npx[\\/]/.test(real) };
}

/** As one line of a shell. */
export function shellLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

/** Whether a command, with its arguments if it has them apart, calls this program for a hook. */
export function isHookCall(command: unknown, args: unknown): boolean {
  const apart = Array.isArray(args) ? args.map(String) : [];
  const words = [String(command), ...apart].join(' ').replace(/['"]/g, '').split(/\s+/);
  return words.some((word, at) => word === 'hook' && PROGRAM.test(words[at - 1] ?? ''));
}

/** Whether an MCP server of settings is this program, however it is called. */
export function isServerCall(server: unknown): boolean {
  const { command, args } = Object(server) as { command?: unknown; args?: unknown };
  const words = [command, args].flat().map(String);
  const at = words.findIndex(word => PROGRAM.test(word));
  return at >= 0 && words.indexOf('mcp', at) > at;
}

/** The words of such a line. */
export function shellWords(line: string): string[] {
  const words = line.match(/(?:'[^']*'|\\.|[^\s'])+/g) ?? [];
  const plain = (word: string) => word.replace(/'([^']*)'|\\(.)/g, '$1$2');
  return words.map(plain);
}

/** By its name, or by the file of its bundle or of what is compiled. */
const PROGRAM = /(^|\/)(signalbox|client\/(cli\/main\.c?js|bundle\/start\.cjs))$/;
