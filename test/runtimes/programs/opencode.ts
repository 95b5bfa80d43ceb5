// OpenCode: its package, its files, its command lines. Its hooks are functions of a plugin.
import { join } from 'node:path';
import type { Program } from './program.js';

const CONFIG = 'home/.config/opencode/opencode.json';

export const openCode: Program = {
  name: 'opencode',
  npm: 'opencode-ai',
  version: '1.18.33',
  dialect: 'chat',
  abilities: { wakes: true, terminal: true, commandHooks: false, delegates: true },
  command: dir => {
    const own = `opencode-${process.platform}-${process.arch}`;
    return [join(dir, 'node_modules', own, 'bin', 'opencode')];
  },
  env: () => ({
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    OPENCODE_DISABLE_SHARE: '1',
  }),
  prepare: (box, modelUrl) => {
    const fake = {
      npm: '@ai-sdk/openai-compatible',
      name: 'Fake',
      options: { baseURL: `${modelUrl}/v1`, apiKey: 'dummy-key-for-tests' },
      models: {
        'fake-1': { name: 'Fake 1', tool_call: true, limit: { context: 200_000, output: 8_000 } },
      },
    };
    box.write(CONFIG, {
      autoupdate: false,
      share: 'disabled',
      model: 'fake/fake-1',
      small_model: 'fake/fake-1',
      permission: 'allow',
      provider: { fake },
    });
  },
  // It asks for no trust in a folder.
  trust: () => {},
  headless: ({ prompt, isResumed }) => [
    ...['run', '--format', 'json'],
    ...(isResumed ? ['--continue'] : []),
    prompt,
  ],
  interactive: () => [],
  isReady: /Ask anything/,
  promptEvent: 'chat.message',
  events: [],
  shell: command => ({ name: 'bash', input: { command, description: 'work' } }),
  tool: (name, input) => ({ name: `signalbox_${name}`, input }),
  errand: prompt => ({
    name: 'task',
    input: { description: 'an errand', prompt, subagent_type: 'general' },
  }),
};
