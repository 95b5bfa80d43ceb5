// Codex: its package, its files, its command lines.
import { join } from 'node:path';
import { eachHook, joinHooks } from './hook-groups.js';
import type { Program } from './program.js';

const HOOKS = 'home/.codex/hooks.json';
const CONFIG = 'home/.codex/config.toml';
const triples: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
};

function configOf(modelUrl: string): string {
  return `model = "gpt-5.2-codex"
model_provider = "fake"
check_for_update_on_startup = false
approval_policy = "never"
sandbox_mode = "danger-full-access"

[model_providers.fake]
name = "fake"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "FAKE_MODEL_KEY"
request_max_retries = 0
stream_max_retries = 0
supports_websockets = false

[analytics]
enabled = false

[feedback]
enabled = false

[otel]
exporter = "none"

[features]
apps = false
plugins = false
`;
}

/** Hooks that a scene has changed run without its user's look at them: what a bypass is for. */
const UNASKED = '--dangerously-bypass-hook-trust';

export const codex: Program = {
  name: 'codex',
  npm: '@openai/codex',
  version: '0.169.0',
  dialect: 'responses',
  abilities: { wakes: true, terminal: true, commandHooks: true, delegates: true },
  command: dir => {
    const machine = `${process.platform}-${process.arch}`;
    const own = join(dir, 'node_modules', '@openai', `codex-${machine}`, 'vendor');
    return [join(own, triples[machine] ?? machine, 'bin', 'codex')];
  },
  env: () => ({ FAKE_MODEL_KEY: 'dummy-key-for-tests' }),
  prepare: (box, modelUrl) => box.write(CONFIG, configOf(modelUrl)),
  trust: (box, folder) => {
    box.append(CONFIG, `\n[projects.${JSON.stringify(folder)}]\ntrust_level = "trusted"\n`);
  },
  addHook: (box, event, command) => {
    const group = { hooks: [{ type: 'command', command }] };
    box.edit(HOOKS, kept => joinHooks(kept, event, group));
  },
  limitHooks: (box, timeout) => {
    box.edit(HOOKS, kept => eachHook(kept, hook => ({ ...hook, timeout })));
  },
  setup: ['--trust'],
  headless: ({ prompt, isResumed, isRewired }) => [
    'exec',
    ...(isResumed ? ['resume', '--last'] : []),
    ...(isRewired ? [UNASKED] : []),
    ...['--json', prompt],
  ],
  interactive: () => ['--no-alt-screen'],
  isReady: /›/,
  promptEvent: 'UserPromptSubmit',
  events: ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop'],
  shell: cmd => ({ name: 'exec_command', input: { cmd } }),
  tool: (name, input) => ({ name, input, namespace: 'mcp__signalbox' }),
  errand: message => ({
    ...{ name: 'spawn_agent', namespace: 'multi_agent_v1' },
    input: { message },
  }),
};
