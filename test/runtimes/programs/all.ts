// The agent programs that the last-hop table is made with: one more is one more row.
import { claudeCode } from './claude-code.js';
import { codex } from './codex.js';
import { gemini } from './gemini.js';
import { openCode } from './opencode.js';
import type { Program } from './program.js';

export const programs: readonly Program[] = [claudeCode, codex, gemini, openCode];
