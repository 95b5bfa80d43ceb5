// The MCP server of a shell: which peer each session of the agent is, and how it is reached.
import { randomUUID } from 'node:crypto';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Agent, type AgentCaller } from '../../mcp/agent.js';
import { serveMcp } from '../../mcp/door.js';
import { MeshLine } from '../../mcp/line.js';
import { openCode } from '../../runtimes/opencode/adapter.js';
import type { Cli } from '../cli.js';
import { findSite } from '../reach/endpoint.js';
import { openReach, type Reach } from '../reach/reach.js';
import { type Runtime, runtimeOf } from '../reach/runtime.js';
import { type Who, whoOfSession } from '../reach/who.js';
import { version } from '../version.js';
import { isHookable, runtimeOfCaller } from './callers.js';

interface Wanted {
  name?: string;
  isFull: boolean;
}

/** Serves until the client closes our stdin. */
export async function serve(cli: Cli, wanted: Wanted): Promise<void> {
  const { stdin, stdout } = cli.world;
  const own = randomUUID();
  const agent = new Agent({
    isFull: wanted.isFull,
    open: caller => {
      const runtime = sessionOf(cli, caller);
      return { key: runtime.session ?? '', line: () => lineOf(cli, wanted, runtime, own) };
    },
  });
  // A runtime that names the session in our environment is online before it says a word.
  if (runtimeOf(cli.world.env)?.session !== undefined) agent.greet({ client: '' });
  const onError = ({ message }: Error) => cli.terminal.say(`mcp: ${message}`);
  await serveMcp({ agent, version, stdin: stdin as never, stdout, onError });
}

/** Whose session calls: as the environment says, else as the call does. */
function sessionOf({ world }: Cli, caller: AgentCaller): Runtime {
  const known = runtimeOf(world.env);
  const called = runtimeOfCaller(caller, known);
  // An OpenCode that was started in the shell of another agent is not that one.
  if (called.name === openCode.runtime && called.session !== undefined) return called;
  return known?.session !== undefined ? known : called;
}

/** The line of a session: the same peer as that of the hooks and the shell of the session. */
function lineOf(cli: Cli, { name }: Wanted, runtime: Runtime, own: string): MeshLine {
  const { world, options, paths } = cli;
  const { directory, env } = world;
  const { say } = cli.terminal;
  const as = options.as ?? (env.SIGNALBOX_AS || undefined);
  const isNamed = 'agent' in cli.who || as !== undefined;
  const who: Who = isNamed
    ? { ...cli.who, ...(as !== undefined && { role: 'agent', runtime: runtime.name }) }
    : whoOfSession(directory, runtime, name);
  const { circle } = options;
  const state = () => paths.state;
  const find = () => findSite(options, env, paths);
  return new MeshLine({
    session: runtime.session ?? `mcp-${own}`,
    isUnhooked: !isHookable(runtime),
    takeSeat: async () => {
      const site = await find();
      const reach = openReach({ site, who, state, directory, say, ...(circle && { circle }) });
      const { urls } = site.brokers;
      const hasMoved = async () => (await find()).brokers.urls.join() !== urls.join();
      return { urls, credential: await credentialOf(reach, circle), hasMoved };
    },
    connect: async ({ urls, credential }, onNotice) => {
      const { connect } = await import('../../index.js');
      return connect({ url: urls, credential, onNotice, wait_ms: limits.mcp_patience_ms });
    },
  });
}

/** Joins, or comes back; an agent whose own program joined for it has a credential. */
export async function credentialOf(reach: Reach, circle: string | undefined): Promise<string> {
  if (reach.isAgent) return reach.credential();
  await reach.join(circle === undefined ? {} : { circle });
  const person = await reach.person();
  if (person === undefined) throw await reach.absence();
  return `${person.peer}.${person.secret}`;
}
