// Claude Code: its package, its files, its command lines.
import { join } from 'node:path';
import type { Fields } from '../model/reading.js';
import { eachHook, joinHooks } from './hook-groups.js';
import type { Program } from './program.js';

const KEY = 'sk-ant-dummy-key-for-tests';
const HOME_FILE = 'home/.claude.json';
const SETTINGS = 'home/.claude/settings.json';

export const claudeCode: Program = {
  name: 'claude-code',
  npm: '@anthropic-ai/claude-code',
  version: '2.1.332',
  dialect: 'anthropic',
  abilities: { wakes: true, terminal: true, commandHooks: true, delegates: true },
  command: dir => {
    const own = `claude-code-${process.platform}-${process.arch}`;
    return [join(dir, 'node_modules', '@anthropic-ai', own, 'claude')];
  },
  env: (_, modelUrl) => ({
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
  }),
  prepare: box => {
    box.write(HOME_FILE, {
      hasCompletedOnboarding: true,
      theme: 'dark',
      numStartups: 3,
      customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
      projects: {},
    });
  },
  trust: (box, folder) => {
    const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
    box.edit(HOME_FILE, kept => ({
      ...kept,
      projects: { ...(kept.projects as Fields), [folder]: project },
    }));
  },
  addHook: (box, event, command) => {
    const group = { hooks: [{ type: 'command', command }] };
    box.edit(SETTINGS, kept => joinHooks(kept, event, group));
  },
  limitHooks: (box, timeout) => {
    box.edit(SETTINGS, kept => eachHook(kept, hook => ({ ...hook, timeout })));
  },
  headless: ({ prompt, isResumed }) => ['-p', prompt, ...(isResumed ? ['--continue'] : [])],
  interactive: () => [],
  isReady: /\? for shortcuts|bypass permissions|❯/,
  promptEvent: 'UserPromptSubmit',
  events: ['SessionStart', 'UserPromptSubmit', 'PostToolBatch', 'Stop'],
  shell: command => ({ name: 'Bash', input: { command, description: 'work' } }),
  tool: (name, input) => ({ name: `mcp__signalbox__${name}`, input }),
  errand: prompt => ({
    name: 'Agent',
    input: { description: 'an errand', prompt, subagent_type: 'general-purpose' },
  }),
};
