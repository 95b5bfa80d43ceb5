// The verb spawn list: the sessions that were spawned from here, and how each stands.
import type { Command } from 'commander';
import { spawnFolder } from '../../spawn/record.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import { shortId } from '../../terminal/short-id.js';
import { age } from '../../terminal/times.js';
import type { Act, Cli } from '../cli.js';
import { examples } from '../options.js';
import { allSpawns, type FoundSpawn } from './find.js';
import { lookAt } from './told.js';

/** Adds it. */
export function addList(group: Command, act: Act): void {
  group
    .command('list')
    .description('list the sessions that were spawned from here, and how they stand')
    .addHelpText('after', examples('signalbox spawn list', 'signalbox spawn list --json'))
    .action(act(list));
}

async function list(cli: Cli): Promise<void> {
  const all = await allSpawns(cli);
  const ids = all.map(({ record }) => record.spawn);
  const now = Date.now();
  const columns: Column<FoundSpawn>[] = [
    { head: 'SPAWN', of: ({ record }) => shortId(record.spawn, ids) },
    { head: 'NAME', of: ({ record }) => record.name },
    { head: 'STATE', of: stateText },
    { head: 'AGENT', of: ({ record }) => record.runtime },
    { head: 'MADE', of: ({ record }) => age(record.made_at, now) },
    { head: 'BRANCH', of: ({ record }) => record.tree?.branch ?? '', isOptional: true },
    { head: 'FOLDER', of: ({ record }) => record.path },
  ];
  const rows = all.map(({ record, standing }) => ({
    ...{ spawn: record.spawn, name: record.name, state: standing.state, runtime: record.runtime },
    ...{ mode: record.mode, path: record.path, made_at: record.made_at },
    ...(record.peer && { peer: record.peer }),
    ...(record.tree && { branch: record.tree.branch }),
    ...(record.job && { job: record.job }),
    ...(record.brief?.ref && { brief: record.brief.ref }),
    ...(standing.root && { pid: standing.root.pid }),
    ...(standing.end && { end: standing.end }),
    ...(record.failed && { failed: record.failed }),
    look: lookAt(record, spawnFolder(cli.paths.state, record.spawn)),
  }));
  const lines = () => columnLines(columns, all, cli.terminal.width);
  await cli.terminal.many(rows, lines, 'no session was spawned from here');
}

function stateText({ record, standing: { state, end } }: FoundSpawn): string {
  if (state === 'failed') return `failed: ${record.failed}`;
  return end === undefined ? state : `${state} (${end})`;
}
