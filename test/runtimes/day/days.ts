// The days that are played with real agents, by their names.

import { claudeCode } from '../programs/claude-code.js';
import { codex } from '../programs/codex.js';
import type { Program } from '../programs/program.js';
import { playDay, playHandover } from './day.js';
import type { Commands } from './stage.js';

/** A day and who plays it; it resolves with what was not as it should be. */
export interface Day {
  title: string;
  play(commands: Commands): Promise<string[]>;
}

/** The programs that it takes. */
export const agentsOfDays: readonly Program[] = [claudeCode, codex];

export const days: readonly Day[] = [
  {
    title: 'claude-code leads, codex works',
    play: commands => playDay(commands, claudeCode, codex),
  },
  {
    title: 'codex leads, claude-code works',
    play: commands => playDay(commands, codex, claudeCode),
  },
  {
    title: 'claude-code is killed, codex takes over',
    play: commands => playHandover(commands, claudeCode, codex),
  },
];
