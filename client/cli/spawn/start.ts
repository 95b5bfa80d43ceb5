// Starts a session for somebody: its place, its peer and its brief first, then its program, once.
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import type { Role } from '../../../schemas/common.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { mintId } from '../../sdk/identity.js';
import type { RuntimeName } from '../../setup/targets.js';
import { launch, spawnEnv } from '../../spawn/launch.js';
import { findProgram, programOf, type SpawnMode, wordsOf } from '../../spawn/programs.js';
import { type Brief, keepRecord, type SpawnRecord, spawnFolder } from '../../spawn/record.js';
import { hasTmux, socketFor } from '../../spawn/tmux.js';
import { makeTree, planTree, sameFolder, Taken } from '../../spawn/worktree.js';
import type { OwnTree } from '../../spawn/worktree-files.js';
import { Failure } from '../../terminal/exit.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import { brokerTime } from '../reach/calls.js';
import { findJob } from '../reach/find.js';
import { allPeers } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { withoutAgent } from '../reach/runtime.js';
import { Self } from '../reach/self.js';
import { nameFrom } from '../reach/who.js';
import { readText } from '../text.js';
import { demandAllowed, readAllowList, realFolder } from './allow.js';
import { sayBrief } from './brief.js';
import { allSpawns, findSpawn, isLiving } from './find.js';
import { joined } from './joined.js';

/** As they are typed. */
export interface StartOptions {
  runtime?: RuntimeName;
  path?: string;
  worktree?: string;
  base?: string;
  name?: string;
  role: Role;
  job?: string;
  message?: string;
  file?: string;
  timeout: number;
  tmux?: boolean;
  detached?: boolean;
  resume?: string;
}

/** Starts one, or goes on with one whose start was broken off. */
export async function start(cli: Cli, args: string[], options: StartOptions): Promise<void> {
  const reach = await cli.reach();
  const record =
    options.resume === undefined
      ? await plan(cli, reach, args, options)
      : resumable(await findSpawn(cli, options.resume));
  await goOn(cli, reach, record, options.timeout);
}

function resumable({ record, standing }: Awaited<ReturnType<typeof findSpawn>>): SpawnRecord {
  if (standing.state !== 'failed' && standing.state !== 'ended') return record;
  const why = record.failed ?? standing.end ?? 'its program is gone';
  throw new Failure('conflict', `the session of ${record.name} is over: ${why}`, {
    hint: 'start another: signalbox spawn; and remove this one: signalbox cleanup',
  });
}

/** Whatever speaks against it is said before anything is made. */
async function plan(
  cli: Cli,
  reach: Reach,
  args: string[],
  options: StartOptions,
): Promise<SpawnRecord> {
  const { runtime, path: typed, worktree, base } = options;
  if (runtime === undefined || typed === undefined) {
    const lacks = runtime === undefined ? '--runtime' : '--path';
    throw new Failure('usage', `say with ${lacks} what is to be started, and where`, {
      hint: 'signalbox spawn --runtime claude-code --path . --message "…"',
    });
  }
  const path = realFolder(typed, cli.world.directory);
  const allowed = readAllowList(cli);
  demandAllowed(allowed, path, runtime, args);
  const program = findProgram(programOf(runtime), cli.world.env.PATH);
  if (program === undefined) {
    throw new Failure('unknown', `there is no program ${programOf(runtime)} on PATH`, {
      hint: `install ${runtime}, or put its folder on PATH`,
    });
  }
  const owner = randomBytes(limits.spawn_owner_bytes).toString('hex');
  const terms = { owner, ...(base !== undefined && { base }) };
  const tree =
    worktree === undefined ? undefined : await treeFor(cli, reach, path, worktree, terms);
  if (tree !== undefined) demandAllowed(allowed, tree.main, runtime, args);
  const mode = await modeOf(cli, options);
  const message = await messageOf(cli, options);
  const job = options.job && (await findJob(cli, reach, options.job));
  if (mode === 'detached' && message === undefined && !job) {
    throw new Failure('usage', 'a session without a terminal needs something to do', {
      hint: 'give it --message TEXT or --job JOB, or a terminal of tmux',
    });
  }
  await reach.room();
  const now = brokerTime.now();
  const brief: Brief = { kind: job ? 'notify' : 'ask', id: mintId(now), text: message ?? '' };
  const place = `${basename(tree?.main ?? path).replace(/\.git$/, '')}-${worktree ?? ''}`;
  const record: SpawnRecord = {
    ...{ spawn: `spawn_${mintId(now)}`, made_at: now, runtime, mode, program, args, path },
    name: options.name ?? nameFrom(place),
    role: options.role,
    ...(tree && { tree }),
    ...(cli.options.circle && { circle: cli.options.circle }),
    ...(job && { job }),
    ...((message !== undefined || job) && { brief }),
    ...(mode === 'tmux' && { socket: socketFor(cli.paths.state) }),
  };
  return keepWithin(cli, allowed.max, record);
}

/** Noted first and counted then: of two at once both may be too many, and never neither. */
async function keepWithin(cli: Cli, max: number, record: SpawnRecord): Promise<SpawnRecord> {
  const { state } = cli.paths;
  keepRecord(state, record);
  const fresh = record.made_at - limits.spawn_join_s * 1_000;
  const others = (await allSpawns(cli)).filter(each => {
    const isFresh = each.standing.state === 'unfinished' && each.record.made_at > fresh;
    return each.record.spawn !== record.spawn && (isLiving(each) || isFresh);
  });
  if (others.length < max) return record;
  const { dropRecord } = await import('../../spawn/record.js');
  dropRecord(state, record.spawn);
  const names = others.map(({ record: { name } }) => name).join(', ');
  throw new Failure('conflict', `${others.length} of at most ${max} sessions run: ${names}`, {
    hint: 'end one: signalbox kill NAME; or a person allows more: signalbox spawn allow --max N',
  });
}

/** A branch that is checked out elsewhere is told with who works there. */
async function treeFor(
  cli: Cli,
  reach: Reach,
  path: string,
  branch: string,
  terms: { owner: string; base?: string },
): Promise<OwnTree> {
  try {
    return await planTree(path, { branch, ...terms });
  } catch (error) {
    if (!(error instanceof Taken)) throw error;
    const { isWithin } = await import('./allow.js');
    const there = (await allPeers(reach).catch(() => [])).filter(
      peer => peer.path !== undefined && isWithin(peer.path, error.where),
    );
    const own = (await allSpawns(cli)).filter(
      each => isLiving(each) && each.record.tree?.path === error.where,
    );
    const names = new Set([...own.map(({ record }) => record.name), ...there.map(p => p.name)]);
    if (names.size === 0) throw error;
    const who = [...names].slice(0, limits.cleanup_named_items).join(', ');
    throw new Failure('conflict', `${error.message}, where ${who} works`, {
      ...(error.hint && { hint: error.hint }),
    });
  }
}

async function modeOf(cli: Cli, { tmux, detached }: StartOptions): Promise<SpawnMode> {
  if (detached) return 'detached';
  if (await hasTmux(cli.world.env)) return 'tmux';
  if (!tmux) return 'detached';
  throw new Failure('unknown', 'there is no tmux on this machine', {
    hint: 'install it, or start the session with --detached',
  });
}

async function messageOf(cli: Cli, options: StartOptions): Promise<string | undefined> {
  const { message, file } = options;
  const words = message === undefined ? [] : [message];
  return readText({ words, ...(file && { file }) }, cli.world);
}

/** From wherever it stands to a session that has joined; every step may be done again. */
async function goOn(cli: Cli, reach: Reach, made: SpawnRecord, timeout_s: number): Promise<void> {
  const { terminal, paths } = cli;
  const folder = spawnFolder(paths.state, made.spawn);
  const record = await begun(cli, reach, made, folder).catch((error: Error) => {
    // What is done is done once: the start can go on from here.
    const id = shortId(made.spawn);
    terminal.say(`the start of ${made.name} was broken off: signalbox spawn --resume ${id}`);
    throw error;
  });
  const timeout_ms = timeout_s * 1_000;
  await terminal.during(
    `waiting for ${record.name} to join`,
    joined(cli, reach, record, timeout_ms),
  );
}

/** Its place, its peer, its brief, its program: each noted before the next. */
async function begun(
  cli: Cli,
  reach: Reach,
  made: SpawnRecord,
  folder: string,
): Promise<SpawnRecord> {
  const { terminal, world, paths } = cli;
  let record = made;
  const { tree } = record;
  if (tree !== undefined && record.peer === undefined) {
    await terminal.during(`making the worktree ${tree.path}`, makeTree(tree));
    record = keepRecord(paths.state, { ...record, path: await sameFolder(tree, record.path) });
  }
  if (record.peer === undefined) {
    record = keepRecord(paths.state, await withPeer(cli, reach, record));
  }
  record = keepRecord(paths.state, await sayBrief(cli, reach, record));
  const { runtime, mode, args, brief } = record;
  const words = wordsOf(runtime, mode, args, brief !== undefined);
  const env = spawnEnv(withoutAgent(world.env), record, brokerEnv(cli, reach));
  await launch({ folder, record, words, env, self: world.program });
  return record;
}

/** Its identity is made before it begins, so that it can be told something before. */
async function withPeer(cli: Cli, reach: Reach, record: SpawnRecord): Promise<SpawnRecord> {
  const { name: person, role, circle, spawn } = record;
  const who = { person, key: `_${spawn}`, role: role as Role, ...(circle && { circle }) };
  const { state } = cli.paths;
  const say = (line: string) => cli.terminal.say(line);
  const self = new Self({ site: reach.site, who, state: () => state, say });
  const told = await self.join({ role: role as Role, ...(circle && { circle }) });
  const room = await self.room();
  return { ...record, room, peer: told.peer, name: told.name };
}

/** What leads its hooks to the broker that this shell means, wherever they stand. */
function brokerEnv(cli: Cli, { site }: Reach): Record<string, string | undefined> {
  const { context, mesh, by } = cli.choice;
  const none = { SIGNALBOX_URL: undefined, SIGNALBOX_TOKEN_FILE: undefined };
  if (by === 'SIGNALBOX_URL') return {};
  if (context !== undefined) return { ...none, SIGNALBOX_CONTEXT: context };
  const isUsual = mesh === 'default' && cli.options.data === undefined && by !== '--url';
  if (isUsual) return { ...none, SIGNALBOX_CONTEXT: 'local' };
  const { tokenFile, brokers } = site;
  return {
    SIGNALBOX_CONTEXT: undefined,
    SIGNALBOX_URL: brokers.urls.join(','),
    ...(tokenFile && { SIGNALBOX_TOKEN_FILE: tokenFile }),
  };
}
