// What each coding agent is given, and in which of its files: the table of all that setup writes.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { type ApprovalTerms, PERMISSION_EVENT } from '../runtimes/approvals/terms.js';
import { claudeApproval, codexApproval } from './approvals.js';
import { TRUST_STEP } from './codex-hooks.js';
import type { TomlTable } from './edit/toml-edit.js';
import { pluginText } from './plugin-text.js';
import { shellLine } from './program-words.js';

export const runtimeNames = ['claude-code', 'codex', 'gemini', 'opencode'] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** What stands in the list of an event. */
export interface HookGroup {
  matcher?: string;
  hooks: readonly [object];
}

/** One thing in a file of settings. */
export type SettingEntry =
  /** A group of `hooks.<event>`, known by the command of its hook. */
  | { kind: 'hook'; event: string; value: HookGroup }
  /** A member known by its name. */
  | { kind: 'member'; path: readonly string[]; value: object }
  /** An item of a list, ours only where it was put there by setup. */
  | { kind: 'item'; path: readonly string[]; value: string }
  | ({ kind: 'table' } & TomlTable);

/** A file of settings, or one that is ours alone. */
export type Target =
  | { path: string; format: 'json' | 'toml'; entries: readonly SettingEntry[] }
  | { path: string; format: 'own'; text(): string };

/** What a runtime is given. */
export interface Setting {
  targets: readonly Target[];
  /** What is left to its user, word for word. */
  next: readonly string[];
}

/** What the table needs to know. */
export interface Ground {
  env: NodeJS.ProcessEnv;
  home: string;
  /** The folder of the project, where its settings and not the user's are meant. */
  project?: string;
  /** How this program is called. */
  words: readonly string[];
  /** What stands behind each of our verbs, as `--context prod`. */
  more?: readonly string[];
  /** Whether the agent may call our tools unasked. */
  allowsTools: boolean;
  /** Whom its permission questions go to; absent: to nobody but its user. */
  approvals?: ApprovalTerms | undefined;
}

/** https://code.claude.com/docs/en/settings */
function claudeCode({
  env,
  home,
  project,
  words,
  more = [],
  allowsTools,
  approvals,
}: Ground): Setting {
  const [command = '', ...args] = [...words, 'hook', 'claude-code', ...more];
  const hook = { type: 'command', command, args, timeout: limits.setup_hook_s };
  const events = [
    ...['SessionStart', 'UserPromptSubmit', 'PostToolBatch', 'Stop'],
    ...['StopFailure', 'SessionEnd', 'Notification'],
  ];
  const room = env.CLAUDE_CONFIG_DIR ?? join(home, '.claude');
  const settings = project === undefined ? room : join(project, '.claude');
  const servers = env.CLAUDE_CONFIG_DIR ? join(room, '.claude.json') : join(home, '.claude.json');
  const [program, ...rest] = [...words, 'mcp', ...more];
  const server = { type: 'stdio', command: program, args: rest, alwaysLoad: true };
  const tools = { kind: 'item', path: ['permissions', 'allow'], value: 'mcp__signalbox' } as const;
  return {
    targets: [
      {
        path: join(settings, 'settings.json'),
        format: 'json',
        entries: [
          ...events.map(event => hookEntry(event, { hooks: [hook] })),
          hookEntry('FileChanged', { hooks: [{ ...hook, asyncRewake: true }] }),
          ...(approvals
            ? [hookEntry(PERMISSION_EVENT, { hooks: [claudeApproval(hook, approvals)] })]
            : []),
          ...(allowsTools ? [tools] : []),
        ],
      },
      {
        path: project === undefined ? servers : join(project, '.mcp.json'),
        format: 'json',
        entries: [{ kind: 'member', path: ['mcpServers', 'signalbox'], value: server }],
      },
    ],
    next: [
      'start Claude Code anew; in a folder it does not know, it asks whether you trust it first',
      ...(project === undefined
        ? []
        : ['say yes when it asks about the MCP server of the project']),
    ],
  };
}

/** https://developers.openai.com/codex/config-reference */
function codex({ env, home, project, words, more = [], allowsTools, approvals }: Ground): Setting {
  const room =
    project === undefined ? (env.CODEX_HOME ?? join(home, '.codex')) : join(project, '.codex');
  const called = [...words, 'hook', 'codex', ...more];
  const command = shellLine(called);
  // It warns of a limit at an event that gives no context, and of an end that may last longer.
  const hook = { type: 'command', command, timeout: limits.setup_hook_s };
  const ending = { ...hook, timeout: limits.setup_codex_end_s };
  // Its cut counts tokens and falls into the middle; what a hook of ours says is bounded by itself.
  const telling = { ...hook, additionalContextLimit: 0 };
  const hooks = {
    ...{ SessionStart: telling, UserPromptSubmit: telling, PostToolUse: telling },
    ...{ Stop: hook, SessionEnd: ending },
  };
  const [program = '', ...rest] = [...words, 'mcp', ...more];
  const values = {
    command: program,
    args: rest,
    tool_timeout_sec: limits.setup_tool_s,
    ...(allowsTools && { default_tools_approval_mode: 'approve' }),
  };
  return {
    targets: [
      {
        path: join(room, 'hooks.json'),
        format: 'json',
        entries: [
          ...Object.entries(hooks).map(([event, hook]) => hookEntry(event, { hooks: [hook] })),
          ...(approvals
            ? [hookEntry(PERMISSION_EVENT, { hooks: [codexApproval(called, approvals)] })]
            : []),
        ],
      },
      {
        path: join(room, 'config.toml'),
        format: 'toml',
        entries: [{ kind: 'table', path: ['mcp_servers', 'signalbox'], values }],
      },
    ],
    next: [
      ...(project === undefined
        ? []
        : [
            `Codex passes over new hooks in silence: ${TRUST_STEP}`,
            'it reads them in a project that you told it to trust',
          ]),
    ],
  };
}

/** https://geminicli.com/docs/hooks */
function gemini({ env, home, project, words, more = [], allowsTools }: Ground): Setting {
  const command = shellLine([...words, 'hook', 'gemini', ...more]);
  const hook = {
    type: 'command',
    name: 'signalbox',
    command,
    timeout: limits.setup_hook_s * 1_000,
  };
  const events = ['SessionStart', 'BeforeAgent', 'AfterTool', 'AfterAgent', 'SessionEnd'];
  const [program, ...rest] = [...words, 'mcp', ...more];
  const server = {
    command: program,
    args: rest,
    timeout: limits.setup_tool_s * 1_000,
    ...(allowsTools && { trust: true }),
  };
  return {
    targets: [
      {
        path: join(project ?? env.GEMINI_CLI_HOME ?? home, '.gemini', 'settings.json'),
        format: 'json',
        entries: [
          ...events.map(event => hookEntry(event, { matcher: '*', hooks: [hook] })),
          { kind: 'member', path: ['mcpServers', 'signalbox'], value: server },
        ],
      },
    ],
    next: [
      'Gemini CLI runs hooks in trusted folders only: there say /permissions trust, once for each',
    ],
  };
}

/** https://opencode.ai/docs/config */
function opencode({ env, home, project, words, more = [] }: Ground): Setting {
  const room = join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'opencode');
  const server = {
    type: 'local',
    command: [...words, 'mcp', ...more],
    enabled: true,
    timeout: limits.setup_tool_s * 1_000,
  };
  const plugins = project === undefined ? room : join(project, '.opencode');
  // It reads both: that which has our entry is meant, else that which is there.
  const files = ['opencode.json', 'opencode.jsonc'].map(name => join(project ?? room, name));
  const [first = ''] = files;
  const there = files.filter(path => existsSync(path));
  const entered = there.find(path => mentionsUs(path));
  return {
    targets: [
      {
        path: entered ?? there[0] ?? first,
        format: 'json',
        entries: [{ kind: 'member', path: ['mcp', 'signalbox'], value: server }],
      },
      { path: join(plugins, 'plugins', 'signalbox.js'), format: 'own', text: pluginText },
    ],
    next: ['start OpenCode anew, so that it loads the plugin and the MCP server'],
  };
}

/** What cannot be read is told by whoever is to edit it. */
function mentionsUs(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes('"signalbox"');
  } catch {
    return false;
  }
}

function hookEntry(event: string, value: HookGroup): SettingEntry {
  return { kind: 'hook', event, value };
}

/** What setup writes for a runtime. */
export const settingsOf: Readonly<Record<RuntimeName, (ground: Ground) => Setting>> = {
  'claude-code': claudeCode,
  codex,
  gemini,
  opencode,
};
