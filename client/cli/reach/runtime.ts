// Which coding agent's shell this is, as the agent itself marks the environment of its commands.
export interface Runtime {
  name: string;
  /** What tells one session of the agent from another, when the agent says so. */
  session?: string;
}

interface Mark {
  name: string;
  /** Set in every command the agent runs. What people set to configure an agent is no mark. */
  marks: readonly string[];
  sessions: readonly string[];
  /** What else it sets there, which would make another session take itself for part of it. */
  others?: readonly string[];
}

const agents: readonly Mark[] = [
  {
    name: 'Claude Code',
    marks: ['CLAUDECODE', 'CLAUDE_CODE_ENTRYPOINT', 'CLAUDE_CODE_SESSION_ID'],
    sessions: ['CLAUDE_CODE_SESSION_ID'],
    others: ['CLAUDE_PID', 'CLAUDE_PROJECT_DIR', 'CLAUDE_ENV_FILE', 'CLAUDE_CODE_SSE_PORT'],
  },
  {
    name: 'Codex',
    marks: ['CODEX_THREAD_ID', 'CODEX_SANDBOX', 'CODEX_SANDBOX_NETWORK_DISABLED', 'CODEX_CI'],
    sessions: ['CODEX_THREAD_ID'],
  },
  { name: 'Gemini CLI', marks: ['GEMINI_CLI'], sessions: ['GEMINI_CLI_SESSION_ID'] },
  {
    name: 'OpenCode',
    marks: ['OPENCODE', 'OPENCODE_SESSION_ID'],
    sessions: ['OPENCODE_SESSION_ID'],
    others: ['OPENCODE_PID'],
  },
];

/** The agent whose shell this is; undefined in a person's. */
export function runtimeOf(env: NodeJS.ProcessEnv): Runtime | undefined {
  const isSet = (name: string) => !['', '0', 'false'].includes(env[name] ?? '');
  const found = agents.find(({ marks }) => marks.some(isSet));
  if (found === undefined) return undefined;
  const session = found.sessions.filter(isSet).map(name => env[name])[0];
  return { name: found.name, ...(session && { session }) };
}

/** An environment without the marks of any agent: what is started in it is part of none. */
export function withoutAgent(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const marks = new Set(
    agents.flatMap(({ marks, sessions, others = [] }) => [...marks, ...sessions, ...others]),
  );
  return Object.fromEntries(Object.entries(env).filter(([name]) => !marks.has(name)));
}
