// The command lines that settings of a coding agent really hold for us, whoever wrote them.
import { jsonOf, nodeAt, readJson } from './edit/json-tree.js';
import { readToml, tomlAt } from './edit/toml-edit.js';
import { hooksOf } from './json-plan.js';
import type { SettingEntry, Target } from './targets.js';

/** One command line, as its runtime would run it. */
export interface WiredCommand {
  kind: 'hook' | 'mcp';
  /** The program and its arguments; a hook without arguments of its own is a line of a shell. */
  words: readonly string[];
  isShellLine: boolean;
  /** What the settings allow it, in the runtime's own unit. */
  timeout?: number;
  /** True where the entry itself says that it is not to be used. */
  isOff: boolean;
}

/** Each command line of ours in a file, once. Throws BrokenFile. */
export function wiredIn(target: Target, text: string): WiredCommand[] {
  if (target.format === 'own') return [];
  const { format, entries } = target;
  const hooks = format === 'json' ? hooksOf(text).map(({ value }) => hookIn(value)) : [];
  const servers = entries.flatMap(entry => {
    if (entry.kind !== 'member' && entry.kind !== 'table') return [];
    const value = format === 'json' ? jsonAt(text, entry.path) : tomlAt(readToml(text), entry.path);
    return value === undefined ? [] : [serverIn(Object(value))];
  });
  const all = [...hooks, ...servers].filter(({ words }) => words.length > 0);
  const same = (a: WiredCommand) => JSON.stringify([a.kind, a.words]);
  return all.filter((each, at) => all.findIndex(other => same(other) === same(each)) === at);
}

/** Those that setup writes for it now. */
export function wiredBySetup(target: Target): WiredCommand[] {
  if (target.format === 'own') return [];
  return target.entries.flatMap(commandOf);
}

function commandOf(entry: SettingEntry): WiredCommand[] {
  switch (entry.kind) {
    case 'hook':
      return [hookIn(entry.value)];
    case 'member':
      return [serverIn({ ...entry.value })];
    case 'table':
      return [serverIn({ ...entry.values })];
    case 'item':
      return [];
  }
}

/** Whether both would be run alike. */
export function isSameRun(a: WiredCommand, b: WiredCommand): boolean {
  const run = ({ kind, words, isShellLine }: WiredCommand) =>
    JSON.stringify([kind, isShellLine, words]);
  return run(a) === run(b);
}

function jsonAt(text: string, path: readonly string[]): unknown {
  const node = nodeAt(readJson(text), path);
  return node === undefined ? undefined : jsonOf(node);
}

function hookIn(value: unknown): WiredCommand {
  const { hooks: [first] = [value] } = Object(value) as { hooks?: unknown[] };
  const { command, args, timeout } = Object(first);
  const isShellLine = !Array.isArray(args);
  const words = [String(command), ...(isShellLine ? [] : args.map(String))];
  return {
    kind: 'hook',
    words,
    isShellLine,
    ...(typeof timeout === 'number' && { timeout }),
    isOff: false,
  };
}

function serverIn({ command, args, enabled, disabled }: Record<string, unknown>): WiredCommand {
  const listed = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const words = typeof command === 'string' ? [command, ...listed(args)] : listed(command);
  const isOff = enabled === false || disabled === true;
  return { kind: 'mcp', words, isShellLine: false, isOff };
}
