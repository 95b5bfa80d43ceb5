// Cleans up after one spawn at a time: each thing only where nothing speaks against it.
import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { calledOf, processesIn } from '../../spawn/proof.js';
import { dropRecord, keepRecord, type SpawnRecord } from '../../spawn/record.js';
import { removeTree } from '../../spawn/removal.js';
import { closePane } from '../../spawn/tmux.js';
import { type LookOptions, reasonsToKeep } from '../../spawn/work.js';
import { treesFolder } from '../../spawn/worktree.js';
import { gitFolder, type OwnTree } from '../../spawn/worktree-files.js';
import { isEnded } from '../job/lines.js';
import type { Reach } from '../reach/reach.js';
import { claimFile } from '../reach/started.js';
import { isWithin } from '../spawn/allow.js';
import { type FoundSpawn, isLiving } from '../spawn/find.js';
import { identityFiles, retirePeer } from '../spawn/retire.js';
import type { LeftOver } from './left-over.js';

/** What it is done with. */
export interface CleanerParts {
  state: string;
  /** Absent where no broker is there. */
  reach: Reach | undefined;
  /** Where the shell stands. */
  directory: string;
  isDry: boolean;
  isPushedEnough: boolean;
}

type What = Pick<LeftOver, 'what' | 'where'>;

/** Removes what may go, and tells of everything. */
export class Cleaner {
  readonly #parts: CleanerParts;

  constructor(parts: CleanerParts) {
    this.#parts = parts;
  }

  /** Everything of one spawn; what it is kept for is told thing by thing. */
  async clean(found: FoundSpawn): Promise<LeftOver[]> {
    const { record, standing } = found;
    const { spawn, name, made_at } = record;
    const row = (what: What, outcome: LeftOver['outcome'], why?: string[]): LeftOver => {
      return { spawn, name, ...what, outcome, ...(why && { why }) };
    };
    if (isLiving(found)) {
      return [row({ what: 'session' }, 'kept', [`it runs: signalbox kill ${name}`])];
    }
    const isFresh = Date.now() - made_at < limits.spawn_join_s * 1_000;
    if (standing.state === 'unfinished' && isFresh && record.failed === undefined) {
      return [row({ what: 'session' }, 'kept', ['its start is under way'])];
    }
    const open = await this.#openWork(record);
    const rows: LeftOver[] = [];
    const tree = record.tree && (await this.#tree(record, record.tree, open));
    for (const { what, outcome, why } of tree ?? []) rows.push(row(what, outcome, why));
    if (standing.hasPane) rows.push(row({ what: 'terminal' }, await this.#pane(record)));
    if (record.peer !== undefined) {
      const { outcome, why } = await this.#peer(record, open);
      rows.push(row({ what: 'peer', where: record.peer }, outcome, why));
    }
    const isAll = rows.every(({ outcome }) => outcome !== 'kept');
    if (isAll && !this.#parts.isDry) this.#forget(record);
    const files = isAll ? this.#done : 'kept';
    return [...rows, row({ what: 'files' }, files, isAll ? undefined : ['the rest is kept'])];
  }

  get #done(): 'removed' | 'removable' {
    return this.#parts.isDry ? 'removable' : 'removed';
  }

  /** Work that others wait for, or an answer that nobody has seen. */
  async #openWork({ job, brief }: SpawnRecord): Promise<string[]> {
    const { reach } = this.#parts;
    if (job === undefined && brief?.ref === undefined) return [];
    if (reach === undefined) return ['unknown: the broker is away'];
    const open: string[] = [];
    if (job !== undefined) {
      const row = await reach.look('job.get', { job }).catch(() => undefined);
      if (row !== undefined && !isEnded(row.state)) {
        open.push(`job open: #${row.number} is ${row.state.replace('_', ' ')}`);
      }
    }
    if (brief?.kind === 'ask' && brief.ref !== undefined) {
      const { ref } = brief;
      const thread = await reach.look('ask.get', { ask: ref }).catch(() => undefined);
      if (thread?.state === 'open') open.push('ask open: its brief is not answered');
      if (thread?.reply !== undefined) {
        const trace = await reach.look('message.trace', { ref }).catch(() => undefined);
        const isUnread = trace?.waiting?.some(({ to }) => to === thread.from) ?? false;
        if (isUnread) open.push('answer unread: it lies in the inbox of who asked');
      }
    }
    return open;
  }

  async #tree(
    record: SpawnRecord,
    tree: OwnTree,
    open: readonly string[],
  ): Promise<{ what: What; outcome: LeftOver['outcome']; why?: string[] }[]> {
    const { isDry, isPushedEnough, state } = this.#parts;
    const what = { what: 'worktree', where: tree.path } as const;
    const options: LookOptions = {
      ...(isPushedEnough && { isPushedEnough }),
      ...(record.removing !== undefined && { halfGone: record.removing }),
    };
    const before = [...open, ...this.#inUse(tree)];
    if (before.length > 0 || isDry) {
      const reasons = await reasonsToKeep(tree, options);
      const why = [...before, ...reasons.map(({ why, text }) => `${why}: ${text}`)];
      if (why.length > 0) return [{ what, outcome: 'kept', why }];
      return [{ what, outcome: 'removable' }];
    }
    const folder = record.removing ?? gitFolder(tree.path);
    if (folder !== undefined) keepRecord(state, { ...record, removing: folder });
    const removal = await removeTree(tree, options).catch((error: Error) => {
      return { reasons: [{ why: 'unknown' as const, text: error.message }] };
    });
    if ('reasons' in removal) {
      // Nothing was begun that a later call would have to end.
      if (record.removing === undefined && existsSync(tree.path)) keepRecord(state, record);
      const why = removal.reasons.map(({ why, text }) => `${why}: ${text}`);
      return [{ what, outcome: 'kept', why }];
    }
    const branch = { what: 'branch', where: tree.branch } as const;
    return [
      { what, outcome: 'removed' },
      ...(removal.isBranchGone ? [{ what: branch, outcome: 'removed' } as const] : []),
    ];
  }

  /** Who stands in it would stand nowhere. */
  #inUse({ path }: OwnTree): string[] {
    const isHere = isWithin(real(this.#parts.directory), path);
    const there = processesIn(path).filter(pid => pid !== process.pid);
    const some = there.slice(0, limits.cleanup_named_items).map(pid => `${pid} (${calledOf(pid)})`);
    return [
      ...(isHere ? ['in use: this shell stands in it'] : []),
      ...(some.length > 0 ? [`in use: process ${some.join(', ')}`] : []),
    ];
  }

  async #pane({ socket, spawn }: SpawnRecord): Promise<LeftOver['outcome']> {
    if (this.#parts.isDry || socket === undefined) return this.#done;
    return (await closePane(socket, spawn)) ? 'removed' : 'kept';
  }

  async #peer(
    record: SpawnRecord,
    open: readonly string[],
  ): Promise<{ outcome: LeftOver['outcome']; why?: string[] }> {
    const { reach, isDry } = this.#parts;
    if (reach === undefined) return { outcome: 'kept', why: ['unknown: the broker is away'] };
    if (open.length > 0) return { outcome: 'kept', why: [...open] };
    if (isDry) return { outcome: 'removable' };
    const isGone = await retirePeer(reach, record).catch(() => false);
    return isGone ? { outcome: 'removed' } : { outcome: 'kept', why: ['no right to retire it'] };
  }

  #forget(record: SpawnRecord): void {
    for (const file of identityFiles(record)) rmSync(file, { force: true });
    if (record.room !== undefined) rmSync(claimFile(record.room, record.spawn), { force: true });
    dropRecord(this.#parts.state, record.spawn);
  }

  /** Worktrees beside those of spawns that no spawn of this user has made: told, never touched. */
  async strangers(found: readonly FoundSpawn[]): Promise<LeftOver[]> {
    const trees = found.flatMap(({ record }) => record.tree ?? []);
    const own = new Set(trees.map(({ path }) => path));
    const folders = new Set(trees.map(({ main }) => treesFolder(main)));
    return [...folders].flatMap(folder =>
      namesIn(folder)
        .map(name => join(folder, name))
        .filter(path => !own.has(path))
        .map(path => {
          const why = ['foreign: no spawn of yours made it'];
          return { name: '', what: 'worktree', where: path, outcome: 'kept', why } as const;
        }),
    );
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
