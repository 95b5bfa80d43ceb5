// Waits until a spawned session has joined; if it does not, says why as far as that can be seen.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { logOf } from '../../spawn/keeper.js';
import { keepRecord, notedProcess, type SpawnRecord, spawnFolder } from '../../spawn/record.js';
import { lastLines } from '../../spawn/tmux.js';
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import type { Reach } from '../reach/reach.js';
import { claimantOf } from '../reach/started.js';
import { LogFileReader, placeOfLast } from '../up/log-file.js';
import { takeBackBrief } from './brief.js';
import { retirePeer } from './retire.js';
import { standingOf } from './standing.js';
import { lookAt } from './told.js';

/** Resolves once it has joined and that was told. Rejects with a Failure that says the cause. */
export async function joined(
  cli: Cli,
  reach: Reach,
  record: SpawnRecord,
  timeout_ms: number,
): Promise<void> {
  const { state } = cli.paths;
  const until = performance.now() + timeout_ms;
  for (;;) {
    if (await hasJoined(reach, record)) return tell(cli, record);
    const { state: now, hasPane } = await standingOf(state, record);
    const isClosed = now === 'unfinished' && record.socket !== undefined && !hasPane;
    if (now === 'ended' || isClosed) {
      // How it ended, and its last words, may come a moment later.
      await sleep(limits.spawn_look_ms);
      const { end, state: then } = await standingOf(state, record);
      if (then === 'running' || then === 'starting') continue;
      if (await hasJoined(reach, record)) return tell(cli, record);
      const gone = isClosed ? 'its terminal was closed' : 'its program is gone';
      return fail(cli, reach, record, end ?? gone);
    }
    if (performance.now() >= until) throw await late(cli, reach, record, timeout_ms);
    await sleep(limits.spawn_look_ms);
  }
}

/** A session has claimed the start, and has joined with what was made for it. */
async function hasJoined(reach: Reach, { room, peer, spawn }: SpawnRecord): Promise<boolean> {
  if (room === undefined || peer === undefined) return false;
  if (claimantOf(room, spawn) === undefined) return false;
  // Only a session says what runs it; a broker that is away just now says nothing.
  const { rows } = await reach.read('peer.get', { peers: [peer] }).catch(() => ({ rows: [] }));
  return rows[0]?.runtime !== undefined;
}

async function tell(cli: Cli, record: SpawnRecord): Promise<void> {
  const { state } = cli.paths;
  const folder = spawnFolder(state, record.spawn);
  const root = notedProcess(folder);
  const kept = keepRecord(state, {
    ...record,
    joined_at: Date.now(),
    ...(root !== undefined && { root }),
  });
  const { name, runtime, path, brief, spawn } = kept;
  const told = {
    ...{ spawn, name, peer: kept.peer, runtime, mode: kept.mode, path },
    ...(kept.tree && { branch: kept.tree.branch }),
    ...(brief?.ref && { brief: brief.ref }),
    look: lookAt(kept, folder),
  };
  await cli.terminal.one(told, () => [
    `spawned ${name} (${runtime}) in ${path}`,
    ...(brief?.ref ? [`  its brief: ${brief.kind} ${shortId(brief.ref)}`] : []),
    `  to look at it: ${told.look}`,
    `  to end it: signalbox kill ${name}`,
  ]);
}

/** It will not come: what was begun for it is taken back, and stays on record. */
export async function giveUp(
  cli: Cli,
  reach: Reach,
  record: SpawnRecord,
  why: string,
): Promise<void> {
  await takeBackBrief(reach, record);
  await retirePeer(reach, record).catch(() => false);
  keepRecord(cli.paths.state, { ...record, failed: oneLine(why, limits.git_said_chars) });
}

async function fail(cli: Cli, reach: Reach, record: SpawnRecord, why: string): Promise<never> {
  const lines = await lastWords(cli, record);
  const code = Number(/^exit (\d+)$/.exec(why)?.[1]);
  const meant = meanings[code] ?? `its program ended before it joined (${why})`;
  await giveUp(cli, reach, record, meant);
  const shown = lines.length > 0 ? `its last words:\n${lines.join('\n')}` : undefined;
  throw new Failure('failed', `${record.name}: ${meant}`, {
    hint: [shown, 'remove what is left: signalbox cleanup'].filter(Boolean).join('\n'),
  });
}

/** What the shell that starts it ends with. */
const meanings: Readonly<Record<number, string>> = {
  96: 'the folder that it was to work in is gone',
  126: 'its program cannot be run',
  127: 'its program is gone',
};

async function late(
  cli: Cli,
  reach: Reach,
  record: SpawnRecord,
  timeout_ms: number,
): Promise<Failure> {
  const lines = await lastWords(cli, record);
  const isHere = await reach.read('mesh.info', {}).then(
    () => true,
    () => false,
  );
  const { name, runtime, spawn, room } = record;
  const hasClaimed = room !== undefined && claimantOf(room, spawn) !== undefined;
  const what = !isHere
    ? 'the broker is away'
    : hasClaimed
      ? 'it has begun, and its join is not answered yet'
      : 'its program runs, and no hook of it has joined';
  const why = lines.length > 0 ? `; it shows:\n${lines.join('\n')}` : '';
  const folder = spawnFolder(cli.paths.state, spawn);
  const id = shortId(spawn);
  return new Failure('waited', `${name} has not joined in ${timeout_ms / 1_000} s: ${what}${why}`, {
    hint: [
      `answer what it asks: ${lookAt(record, folder)}`,
      `see that its hooks are there: signalbox setup ${runtime} --check`,
      `wait on: signalbox spawn --resume ${id}   or end it: signalbox kill ${id}`,
    ].join('\n  '),
  });
}

/** What its terminal shows, or the end of its log. */
async function lastWords(cli: Cli, record: SpawnRecord): Promise<string[]> {
  const { socket, spawn } = record;
  if (socket !== undefined) return (await lastLines(socket, spawn)).map(line => oneLine(line, 160));
  const file = logOf(spawnFolder(cli.paths.state, spawn));
  if (!existsSync(file)) return [];
  const from = placeOfLast(file, limits.spawn_screen_lines);
  return new LogFileReader(file, from).allLines().map(line => oneLine(line, 160));
}
