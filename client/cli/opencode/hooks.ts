// The hooks of the OpenCode plugin: functions that its host awaits, each in bounds.
import { homedir, userInfo } from 'node:os';
import { SESSION_ARGUMENT } from '../../runtimes/opencode/adapter.js';
import type {
  HostChoice,
  HostClient,
  HostEntry,
  HostEvent,
  HostPart,
  HostToolOutput,
} from './host.js';
import { HostSessions } from './host-sessions.js';

/** A call of a tool. */
export interface PluginToolCall {
  tool: string;
  sessionID: string;
  args?: Record<string, unknown>;
}

/** The hooks for one folder; a broker keeps the host waiting for `wait_ms` at most. */
export function hooksOf({ client, directory }: Host, wait_ms: number) {
  const sessions = HostSessions.open(client, worldOf(directory), wait_ms);
  const of = (id: string | undefined) => sessions.of(id);
  return {
    event: safely(async ({ event }: { event: HostEvent }) => sessions.hear(event)),
    'chat.message': safely(
      async (
        { sessionID }: { sessionID: string },
        { message, parts }: { message: { id: string } & HostChoice; parts: HostPart[] },
      ) => (await of(sessionID))?.prompt(message, parts),
    ),
    'experimental.session.compacting': safely(async ({ sessionID }: { sessionID: string }) =>
      (await of(sessionID))?.summarises(),
    ),
    'experimental.chat.system.transform': safely(
      async ({ sessionID }: { sessionID?: string }, { system }: { system: string[] }) =>
        (await of(sessionID))?.system(system),
    ),
    'experimental.chat.messages.transform': safely(
      async (_: object, { messages }: { messages: HostEntry[] }) => {
        hideArguments(messages);
        (await of(messages.at(-1)?.info.sessionID))?.requests(messages);
      },
    ),
    'experimental.text.complete': safely(async ({ sessionID }: { sessionID: string }) =>
      (await of(sessionID))?.said(sessions.hasTools(sessionID)),
    ),
    'tool.execute.before': safely(
      async ({ tool, sessionID }: PluginToolCall, { args }: { args: Record<string, unknown> }) => {
        sessions.tool(sessionID, 1);
        (await of(sessionID))?.answers();
        const session = await sessions.rootOf(sessionID);
        // Ours may be called by a subagent, too: as the session that it works for.
        if (tool.startsWith(OUR_TOOLS) && session) args[SESSION_ARGUMENT] = session;
      },
    ),
    'tool.execute.after': safely(async (called: PluginToolCall, output: HostToolOutput) => {
      sessions.tool(called.sessionID, -1);
      await (await of(called.sessionID))?.tool(output);
    }),
    'shell.env': safely(
      async ({ sessionID }: { sessionID?: string }, { env }: { env: Record<string, string> }) => {
        const session = await sessions.rootOf(sessionID);
        if (session !== undefined) env.OPENCODE_SESSION_ID = session;
      },
    ),
  };
}

/** What OpenCode gives its plugins, as far as it is used. */
export interface Host {
  client: HostClient;
  directory: string;
}

/** The tools of the server that setup enters as `signalbox`. */
const OUR_TOOLS = 'signalbox_';

/** Whatever goes wrong with mail, its host goes on. */
function safely<Given extends unknown[]>(
  work: (...given: Given) => Promise<unknown>,
): (...given: Given) => Promise<void> {
  return async (...given) => {
    try {
      await work(...given);
    } catch {
      // The next hook looks again; a terminal that OpenCode draws on is no place to complain.
    }
  };
}

/** What tells our server whose call it was is nothing for a model to read. */
function hideArguments(messages: readonly HostEntry[]): void {
  for (const { parts } of messages) {
    for (const { state } of parts) if (state?.input) delete state.input[SESSION_ARGUMENT];
  }
}

function worldOf(directory: string) {
  const { env } = process;
  return { env: { ...env }, home: env.HOME || homedir(), userName: nameOfUser(), directory };
}

/** A user id without an entry, as containers have, is no reason to fail. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
