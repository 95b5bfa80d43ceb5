// The coding agents that can be spawned: their programs, and the words that begin a first turn.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { WAKE_TEXT } from '../runtimes/adapter.js';
import { type RuntimeName, runtimeNames } from '../setup/targets.js';

/** Where a session runs: in a terminal of tmux, or without one until its work is done. */
export type SpawnMode = 'tmux' | 'detached';

interface AgentProgram {
  program: string;
  /** The words that begin a turn with a prompt. */
  words: Readonly<Record<SpawnMode, (prompt: string) => readonly string[]>>;
}

const agents: Readonly<Record<RuntimeName, AgentProgram>> = {
  'claude-code': {
    program: 'claude',
    words: { tmux: prompt => [prompt], detached: prompt => ['-p', prompt] },
  },
  codex: {
    program: 'codex',
    words: { tmux: prompt => [prompt], detached: prompt => ['exec', prompt] },
  },
  gemini: {
    program: 'gemini',
    words: { tmux: prompt => ['-i', prompt], detached: prompt => ['-p', prompt] },
  },
  opencode: {
    program: 'opencode',
    words: { tmux: prompt => ['--prompt', prompt], detached: prompt => ['run', prompt] },
  },
};

/** True for the name of an agent that can be spawned. */
export function isRuntime(name: string): name is RuntimeName {
  return (runtimeNames as readonly string[]).includes(name);
}

/** The command that starts an agent. */
export function programOf(runtime: RuntimeName): string {
  return agents[runtime].program;
}

/**
 * All its words. The first prompt points to the mail and holds none of it: words of others come by
 * its hooks, behind their fence. Codex takes options only before the prompt.
 */
export function wordsOf(
  runtime: RuntimeName,
  mode: SpawnMode,
  args: readonly string[],
  hasBrief: boolean,
): string[] {
  if (!hasBrief) return [...args];
  const words = agents[runtime].words[mode](WAKE_TEXT);
  const [first, ...rest] = words;
  const isVerb = mode === 'detached' && (first === 'exec' || first === 'run');
  return isVerb ? [first, ...args, ...rest] : [...args, ...words];
}

/** A program as the shell would find it; undefined where there is none. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  // A place that depends on where one stands is whatever a checkout puts there.
  const places = (path ?? '').split(delimiter).filter(place => isAbsolute(place));
  return places.map(place => join(place, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
