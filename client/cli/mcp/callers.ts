// Clients of MCP: which coding agent one is, by what it calls itself.
import type { AgentCaller } from '../../mcp/agent.js';
import type { Runtime } from '../reach/runtime.js';

const CLIENTS: readonly (readonly [says: RegExp, runtime: string])[] = [
  [/claude/i, 'Claude Code'],
  [/codex/i, 'Codex'],
  [/gemini/i, 'Gemini CLI'],
  [/opencode/i, 'OpenCode'],
];

/** Whose session calls: as the call says, else the client itself, else as the shell is marked. */
export function runtimeOfCaller({ client, session }: AgentCaller, shell?: Runtime): Runtime {
  const [, called] = CLIENTS.find(([says]) => says.test(client)) ?? [];
  const named = session === undefined ? undefined : 'Codex';
  const name = called ?? named ?? shell?.name ?? (client || 'MCP');
  return { name, ...(session !== undefined && { session }) };
}

/** True for an agent that hooks of ours may serve too. */
export function isHookable({ name }: Runtime): boolean {
  return CLIENTS.some(([, runtime]) => runtime === name);
}
