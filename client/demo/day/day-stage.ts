// The stage of the day: its company, board and repository, and the log as far as it was told.
import type { StandingScan } from '../../boards/standing.js';
import type { OwnTree } from '../../spawn/worktree-files.js';
import type { Actor } from '../actor.js';
import type { LogTeller } from '../stage.js';
import type { Story } from '../story.js';
import type { DayCompany } from './company.js';
import type { DayBoard } from './day-board.js';
import type { works } from './plan.js';
import type { Workshop } from './workshop.js';

/** The files of a folder, as a lease names them. */
export type FilesOf = (
  typed: readonly string[],
  directory: string,
) => { project: string; paths: readonly string[] };

export interface DayStage extends DayCompany, LogTeller {
  readonly story: Story;
  readonly board: DayBoard;
  readonly shop: Workshop;
  readonly filesOf: FilesOf;
}

/** One item under way. */
export interface UnderWay {
  job: string;
  tree: OwnTree;
}

/** All of them. */
export type HandedOut = Record<keyof typeof works, UnderWay>;

/** Shows the board with what the mesh does about each item. */
export async function showBoard(story: Story, { items }: StandingScan): Promise<void> {
  await story.table(
    ['ITEM', 'COLUMN', 'ON THE MESH'],
    items.map(({ title, column, isReady, doing }) => {
      const live = doing.flatMap(({ ref, state, who, about }) => {
        if (ref.startsWith('/')) return about === undefined ? [] : [`branch ${about}`];
        return [[state, who && `(${who})`].filter(Boolean).join(' ')];
      });
      return [title, column, isReady ? 'ready' : live.join(', ')];
    }),
  );
}

/** Takes a lease of files in a worktree. Rejects with RefusalError where another holds them. */
export async function takesFiles(
  { filesOf }: Pick<DayStage, 'filesOf'>,
  who: Actor,
  { path }: OwnTree,
  wanted: { files: readonly string[]; note: string; mode?: 'shared' },
): Promise<void> {
  const { files, note, mode } = wanted;
  const { project, paths } = filesOf(files, path);
  await who.call('lease.take', { project, paths: [...paths], note, ...(mode && { mode }) });
}
