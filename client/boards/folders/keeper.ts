// The keepers of boards that are folders: a file a task, with its state in its head or its folder.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, lstatSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import type { Board, BoardItem, BoardMove, BoardScan, MoveWish } from '../board.js';
import { type BoardFile, placeOfBoard, readBoardFile, replaceBoardFile } from '../board-file.js';
import { pickItem, settledMove } from '../pick.js';
import { cleanLine, columnNamed, statusOf } from '../words.js';
import { type FrontMatter, readFrontMatter, withValue } from './front-matter.js';

interface TaskItem extends BoardItem {
  file: BoardFile;
}

interface Tasks {
  items: TaskItem[];
  columns: string[];
  notes: string[];
}

/** A folder of Backlog.md, whose tasks lie in `tasks/` and say their status in their heads. */
export function openBacklogBoard(given: string): Board {
  const path = placeOfBoard(given);
  placeOfBoard(join(path, 'tasks'));
  return boardOf(
    'backlog',
    `backlog:${path}`,
    () => backlogTasks(path),
    (item, column) => {
      const head = readFrontMatter(item.file.text);
      return head !== undefined && replaceBoardFile(item.file, withValue(head, 'status', column));
    },
  );
}

/** Folders named after columns, as todo/ doing/ done/, with a file for each task. */
export function openFoldersBoard(given: string): Board {
  const path = placeOfBoard(given);
  if (new Set(columnFolders(path).map(statusOf)).size < 2) {
    throw new Failure('unknown', `${path} has no folders like todo/ and done/`, {
      hint: 'name the folder in which they lie: --board folders:PATH',
    });
  }
  return boardOf(
    'folders',
    `folders:${path}`,
    () => folderTasks(path),
    (item, column) => carry(item, join(path, column)),
  );
}

/** The folders of a directory whose names are those of columns. */
function columnFolders(path: string): string[] {
  const names = readdirSync(path, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && statusOf(entry.name) !== 'unknown')
    .map(({ name }) => name);
  const order = ['todo', 'blocked', 'in_progress', 'in_review', 'done'];
  const place = (name: string) => order.indexOf(statusOf(name));
  return names.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function boardOf(
  kind: 'backlog' | 'folders',
  name: string,
  read: () => Tasks,
  write: (item: TaskItem, column: string) => boolean,
): Board {
  const move = async (wanted: string, to: string, wish?: MoveWish): Promise<BoardMove> => {
    for (let tries = 0; tries < limits.board_tries; tries++) {
      const { items, columns } = read();
      const found = pickItem(items, wanted);
      const column = columnNamed(columns, to);
      const item = itemOf(found);
      const settled = settledMove(item, column, wish);
      if (settled !== undefined) return settled;
      wish?.intend?.(item, column);
      if (!write(found, column)) continue;
      const now = read().items.find(({ id }) => id === item.id);
      if (now?.column !== column) break;
      return { outcome: 'moved', item: itemOf(now), from: item.column };
    }
    throw new Failure('conflict', `somebody keeps writing ${name}`, { hint: 'try again' });
  };
  const scan = async (): Promise<BoardScan> => {
    const { items, columns, notes } = read();
    return { items: items.map(itemOf), columns, notes };
  };
  const find = async (wanted: string) => itemOf(pickItem(read().items, wanted));
  return { kind, name, scan, find, move };
}

function itemOf({ file: _, ...item }: TaskItem): BoardItem {
  return item;
}

function backlogTasks(path: string): Tasks {
  const notes: string[] = [];
  const heads = filesIn(join(path, 'tasks'), notes).flatMap(file => {
    const head = readFrontMatter(file.text);
    if (head === undefined) notes.push(`${basename(file.path)} has no head (---), so no status`);
    return head === undefined ? [] : [{ file, head }];
  });
  const items = heads.map(({ file, head }) => backlogItem(file, head));
  settleNeeds(items);
  const said = statusesIn(path);
  const used = items.map(({ column }) => column).filter(column => column !== '');
  const columns = said.length > 0 ? said : ['To Do', 'In Progress', 'Done'];
  return { items: distinct(items, notes), columns: [...new Set([...columns, ...used])], notes };
}

function backlogItem(file: BoardFile, { entries }: FrontMatter): TaskItem {
  const all = (key: string) => (entries.get(key)?.values ?? []).map(each => cleanLine(each));
  const one = (key: string) => all(key)[0] ?? '';
  const [, number = '', named = ''] = /^(\S+) - (.*)\.md$/.exec(basename(file.path)) ?? [];
  const column = one('status');
  const owners = all('assignee').map(name => name.replace(/^@/, ''));
  return {
    id:
      one('id').slice(0, limits.board_id_chars) || cleanLine(number || basename(file.path, '.md')),
    title: one('title') || cleanLine(named.replaceAll('-', ' ')) || basename(file.path, '.md'),
    status: statusOf(column),
    column,
    owners,
    labels: all('labels'),
    ...(one('priority') !== '' && { priority: one('priority').toLowerCase() }),
    links: [],
    blocked_by: all('dependencies'),
    revision: revisionOf(file),
    file,
  };
}

/** What is done, or is not there, holds nobody up. */
function settleNeeds(items: readonly TaskItem[]): void {
  const byId = new Map(items.map(item => [item.id.toLowerCase(), item]));
  for (const item of items) {
    item.blocked_by = item.blocked_by.filter(need => {
      const found = byId.get(need.toLowerCase());
      return found !== undefined && found.status !== 'done';
    });
  }
}

/** The columns that the config of Backlog.md names. */
function statusesIn(path: string): string[] {
  const file = ['config.yml', 'config.yaml'].map(name => join(path, name)).find(existsSync);
  if (file === undefined) return [];
  const head = readFrontMatter(`---\n${readBoardFile(file).text}\n---\n`);
  return (head?.entries.get('statuses')?.values ?? []).map(each => cleanLine(each));
}

function folderTasks(path: string): Tasks {
  const notes: string[] = [];
  const columns = columnFolders(path);
  const items = columns.flatMap(column =>
    filesIn(join(path, column), notes).map((file): TaskItem => {
      const head = readFrontMatter(file.text);
      const all = (key: string) =>
        (head?.entries.get(key)?.values ?? []).map(each => cleanLine(each));
      const id = cleanLine(basename(file.path).replace(/\.(?:md|markdown|txt)$/i, ''));
      const [, heading] = /^#\s+(.+)$/m.exec(file.text) ?? [];
      return {
        ...{ id, title: all('title')[0] ?? (cleanLine(heading ?? '') || cleanLine(id)) },
        ...{ status: statusOf(column), column, labels: all('labels'), links: [], blocked_by: [] },
        owners: [...all('assignee'), ...all('owner')].map(name => name.replace(/^@/, '')),
        ...{ revision: revisionOf(file), file },
      };
    }),
  );
  return { items: distinct(items, notes), columns, notes };
}

/** Linked there first and then taken away here: never lost, and never over another's. */
function carry({ file }: TaskItem, folder: string): boolean {
  const target = join(folder, basename(file.path));
  try {
    if (!isOneFile(file, target)) linkSync(file.path, target);
    unlinkSync(file.path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    const hint = code === 'EEXIST' ? 'rename one of the two' : 'nothing was changed';
    throw new Failure('failed', `cannot move ${file.path}: ${why(error)}`, { hint });
  }
}

/** True where a mover was killed between the two: it stands in both folders. */
function isOneFile({ stat }: BoardFile, target: string): boolean {
  const there = lstatSync(target, { throwIfNoEntry: false });
  return there?.ino === stat.ino && there.dev === stat.dev;
}

/** Of two files with one id the first is shown: nobody knows which is meant. */
function distinct(items: readonly TaskItem[], notes: string[]): TaskItem[] {
  const seen = new Set<string>();
  return items.filter(({ id, file }) => {
    const isNew = !seen.has(id.toLowerCase());
    if (!isNew) notes.push(`${cleanLine(basename(file.path))}: another file has the id ${id}`);
    seen.add(id.toLowerCase());
    return isNew;
  });
}

function filesIn(folder: string, notes: string[]): BoardFile[] {
  const names = readdirSync(folder)
    .filter(name => /\.(?:md|markdown|txt)$/i.test(name) && !name.startsWith('.'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (names.length > limits.board_items) notes.push(`only ${limits.board_items} tasks are read`);
  return names.slice(0, limits.board_items).flatMap(name => {
    try {
      const path = join(folder, name);
      return statSync(path).isFile() ? [readBoardFile(path)] : [];
    } catch (error) {
      notes.push(cleanLine((error as Error).message));
      return [];
    }
  });
}

function revisionOf({ bytes }: BoardFile): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, limits.board_revision_chars);
}
