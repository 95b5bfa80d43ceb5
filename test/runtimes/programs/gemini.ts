// Gemini CLI: its package, its files, its command lines.
import { join } from 'node:path';
import { eachHook, joinHooks } from './hook-groups.js';
import type { Program } from './program.js';

const SETTINGS = 'home/.gemini/settings.json';
const TRUSTED = 'home/.gemini/trustedFolders.json';

export const gemini: Program = {
  name: 'gemini',
  npm: '@google/gemini-cli',
  version: '0.61.0',
  dialect: 'gemini',
  abilities: { wakes: false, terminal: true, commandHooks: true, delegates: false },
  command: dir => {
    const bundle = join(dir, 'node_modules', '@google', 'gemini-cli', 'bundle');
    return [process.execPath, join(bundle, 'gemini.js')];
  },
  env: (_, modelUrl) => ({
    GEMINI_API_KEY: 'dummy-key-for-tests',
    GOOGLE_GEMINI_BASE_URL: modelUrl,
    GEMINI_CLI_NO_RELAUNCH: 'true',
  }),
  prepare: box => {
    box.write(SETTINGS, {
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
    });
    box.write(TRUSTED, {});
  },
  trust: (box, folder) => box.edit(TRUSTED, kept => ({ ...kept, [folder]: 'TRUST_FOLDER' })),
  addHook: (box, event, command) => {
    const group = { matcher: '*', hooks: [{ type: 'command', name: 'rival', command }] };
    box.edit(SETTINGS, kept => joinHooks(kept, event, group));
  },
  limitHooks: (box, timeout_s) => {
    const timeout = timeout_s * 1_000;
    box.edit(SETTINGS, kept => eachHook(kept, hook => ({ ...hook, timeout })));
  },
  headless: ({ prompt, isResumed }) => [
    ...['-p', prompt, '--approval-mode', 'yolo', '-o', 'json'],
    ...(isResumed ? ['--resume', 'latest'] : []),
  ],
  interactive: () => ['--approval-mode', 'yolo'],
  isReady: /Type your message/,
  promptEvent: 'BeforeAgent',
  events: ['SessionStart', 'BeforeAgent', 'AfterTool', 'AfterAgent'],
  shell: command => ({ name: 'run_shell_command', input: { command } }),
  tool: (name, input) => ({ name: `mcp_signalbox_${name}`, input }),
};
