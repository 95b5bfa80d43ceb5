// The spawn that a name, an id or enough of one means, among those that were made from here.
import { readRecords, type SpawnRecord } from '../../spawn/record.js';
import { Failure } from '../../terminal/exit.js';
import { isShortId, matchIds } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import { type SpawnStanding, standingOf } from './standing.js';

/** One that was found, and how it stands. */
export interface FoundSpawn {
  record: SpawnRecord;
  standing: SpawnStanding;
}

/** All of them, the oldest first. */
export function allSpawns({ paths }: Cli): Promise<FoundSpawn[]> {
  const { state } = paths;
  const find = async (record: SpawnRecord) => {
    return { record, standing: await standingOf(state, record) };
  };
  return Promise.all(readRecords(state).map(find));
}

/** Those that live, or may come to. */
export function isLiving({ standing: { state } }: FoundSpawn): boolean {
  return state === 'starting' || state === 'running';
}

/** The one that is meant: of several of a name the one that lives. Throws a Failure. */
export async function findSpawn(cli: Cli, typed: string): Promise<FoundSpawn> {
  const all = await allSpawns(cli);
  const ids = all.map(({ record }) => record.spawn);
  const short = new Set(isShortId(typed) ? matchIds(typed, ids) : []);
  const named = all.filter(({ record }) => record.name === typed || record.peer === typed);
  const found = named.length > 0 ? named : all.filter(({ record }) => short.has(record.spawn));
  const living = found.filter(isLiving);
  const [one, ...others] = living.length > 0 ? living : found.slice(-1);
  if (one === undefined) {
    throw new Failure('unknown', `${typed} is no session that was spawned from here`, {
      hint: 'see those that were: signalbox spawn list; others are ended where they run',
    });
  }
  if (others.length === 0) return one;
  const lines = [one, ...others].map(({ record }) => `${record.spawn}  ${record.path}`);
  throw new Failure('conflict', `several sessions are called ${typed}`, {
    hint: `say which:\n  ${lines.join('\n  ')}`,
  });
}
