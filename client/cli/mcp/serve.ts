// The MCP server of a shell: which peer each session of the agent is, and how it is reached.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Agent, type AgentCaller } from '../../mcp/agent.js';
import { serveMcp } from '../../mcp/door.js';
import { MeshLine } from '../../mcp/line.js';
import { claudeCode } from '../../runtimes/claude-code/adapter.js';
import { codex } from '../../runtimes/codex/adapter.js';
import { openCode } from '../../runtimes/opencode/adapter.js';
import { boardPlaceOf } from '../board/desk.js';
import type { Cli } from '../cli.js';
import { forgetTold, hasHooks, isHooked } from '../hook/session-files.js';
import { filesOf } from '../lease/typed.js';
import { findSite } from '../reach/endpoint.js';
import { roomsIn } from '../reach/paths.js';
import { openReach, type Reach } from '../reach/reach.js';
import { type Runtime, runtimeOf } from '../reach/runtime.js';
import { startedIn } from '../reach/started.js';
import { habitsIn, type Who, whoOfSession } from '../reach/who.js';
import { version } from '../version.js';
import { isHookable, runtimeOfCaller } from './callers.js';
import { hostOf, readNote } from './session-note.js';
import { type WakeSeat, wakeIdle } from './wakes.js';

interface Wanted {
  name?: string;
  isFull: boolean;
}

/** Serves until the client closes our stdin. */
export async function serve(cli: Cli, wanted: Wanted): Promise<void> {
  const { stdin, stdout } = cli.world;
  const own = randomUUID();
  const ended = new AbortController();
  const agent = new Agent({
    isFull: wanted.isFull,
    open: caller => {
      const runtime = sessionOf(cli, caller);
      return { key: runtime.session ?? '', line: () => lineOf(cli, wanted, runtime, own) };
    },
    unnamed: caller => {
      const { name, session } = sessionOf(cli, caller);
      if (name === codex.runtime && session === undefined) void follow(cli, agent, ended.signal);
    },
  });
  // A runtime that names the session in our environment is online before it says a word.
  if (runtimeOf(cli.world.env)?.session !== undefined) agent.greet({ client: '' });
  const onError = ({ message }: Error) => cli.terminal.say(`mcp: ${message}`);
  try {
    await serveMcp({ agent, version, stdin: stdin as never, stdout, onError });
  } finally {
    ended.abort();
  }
}

/**
 * Codex names its session in the calls of tools alone, and its hooks from the first prompt on: from
 * then on the peer of the session is online, and of each that follows it in the same process.
 */
async function follow(cli: Cli, agent: Agent, signal: AbortSignal): Promise<void> {
  const since = Date.now() - limits.wake_note_ms;
  const { options, world, paths } = cli;
  let known: string | undefined;
  while (!signal.aborted) {
    const site = await findSite(options, world.env, paths).catch(() => undefined);
    const rooms = await roomsIn(paths.state, site?.log);
    const notes = rooms.map(room => readNote(room, process.ppid, since));
    const note = notes.find(each => each !== undefined);
    if (note && note.session !== known) {
      known = note.session;
      agent.greet({ client: 'codex', session: known });
    }
    await sleep(limits.wake_note_ms, undefined, { signal, ref: false }).catch(() => {});
  }
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
    : whoOfSession(directory, runtime, name, habitsIn(cli.settings), startedIn(env));
  const { circle } = options;
  const state = () => paths.state;
  const find = () => findSite({ ...options, ...cli.choice }, env, paths);
  // A plugin has no need of marks of ours to be believed.
  const saysItself = runtime.name === openCode.runtime;
  let isFirst = true;
  let areProving = () => false;
  const session = runtime.session ?? `mcp-${own}`;
  const since = Date.now();
  let sessionNow = () => session;
  const line = new MeshLine({
    session: () => sessionNow(),
    isUnhooked: !isHookable(runtime),
    boards: () => ({ place: boardPlaceOf(cli), state: paths.state }),
    files: paths => filesOf(paths, directory),
    // The tools of one step may run one after another, which no call can tell from two steps.
    isProvenByHooks: () => areProving(),
    takeSeat: async () => {
      const site = await find();
      const reach = openReach({ site, who, state, directory, say, ...(circle && { circle }) });
      const { urls } = site.brokers;
      const hasMoved = async () => (await find()).brokers.urls.join() !== urls.join();
      const { credential, ...seat } = await seatOf(reach, circle, isFirst && !saysItself);
      if (isFirst) wakeIdle(line, runtime, seat, env).catch(() => {});
      isFirst = false;
      if (provesByHooks(runtime)) areProving = () => hasHooks(seat.room, seat.peer);
      sessionNow = () => sessionOfNow(seat, runtime, world.env, since) ?? session;
      return { urls, credential, hasMoved };
    },
    connect: async ({ urls, credential }, onNotice) => {
      const { connect } = await import('../../index.js');
      return connect({ url: urls, credential, onNotice, wait_ms: limits.mcp_patience_ms });
    },
  });
  return line;
}

/** Claude Code tells a server its session at the start only; a clear gives the session a new id. */
function sessionOfNow(
  { room, peer }: WakeSeat,
  { name, session }: Runtime,
  env: NodeJS.ProcessEnv,
  since: number,
): string | undefined {
  if (name !== claudeCode.runtime || session === undefined) return undefined;
  const note = readNote(room, hostOf(env), since);
  return note?.peer === peer ? note.session : undefined;
}

/** True where hooks know the session by the id that MCP calls go by. */
function provesByHooks({ name, session }: Runtime): boolean {
  return session !== undefined && [claudeCode.runtime, codex.runtime].includes(name);
}

/** Joins, or comes back; an agent whose own program joined for it has a credential. */
export async function credentialOf(reach: Reach, circle: string | undefined): Promise<string> {
  return (await seatOf(reach, circle, false)).credential;
}

/** What is true of a session that only reads its inbox itself. */
const UNHOOKED = { drain: false, keep_going: false, wake_idle: false, steer: false };

/** With `isNew` it is said that nothing hands the session mail, until its hooks say otherwise. */
async function seatOf(reach: Reach, circle: string | undefined, isNew: boolean) {
  const room = await reach.room();
  if (reach.isAgent) {
    const credential = await reach.credential();
    return { credential, room, peer: credential.slice(0, credential.indexOf('.')) };
  }
  const former = isNew ? await reach.person() : undefined;
  const isUnhooked = isNew && !(former !== undefined && isHooked(room, former.peer));
  await reach.join({ ...(circle && { circle }), ...(isUnhooked && { can: UNHOOKED }) });
  const person = await reach.person();
  if (person === undefined) throw await reach.absence();
  // A hook that said it while we joined says it again.
  if (isUnhooked) forgetTold(room, person.peer);
  return { credential: `${person.peer}.${person.secret}`, room, peer: person.peer };
}
