// Which board is meant: as it was named, as the project says, or as the folder shows.
import {
  type Dirent,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { oneLine } from '../terminal/safe.js';
import { workspaceOf } from '../workspace/find.js';
import { openBeadsBoard } from './beads/keeper.js';
import type { Board } from './board.js';
import { openBacklogBoard, openFoldersBoard } from './folders/keeper.js';
import { openGithubBoard, readProjectName } from './github/keeper.js';
import { openMarkdownBoard } from './markdown/keeper.js';
import { programOf } from './run.js';

/** Where a board is looked for, and what runs for it. */
export interface BoardPlace {
  directory: string;
  /** The top folder of the project in which the directory lies. */
  top: string;
  env: NodeJS.ProcessEnv;
  /** What the config says, and whether a project says it: that is held to its own folder. */
  configured?: { text: string; isProject: boolean };
}

/** A board, and what else might have been meant. */
export interface ChosenBoard {
  board: Board;
  /** How to name the others of this folder. */
  others: readonly string[];
}

/** The board. Throws a Failure where there is none, or where the name means nothing. */
export function chooseBoard(place: BoardPlace, named?: string): ChosenBoard {
  if (named !== undefined) return { board: openNamed(named, place), others: [] };
  const { configured, top } = place;
  const said = configured?.text ?? saidInProjects(top);
  if (said !== undefined) {
    const names = said
      .split(',')
      .map(each => each.trim())
      .filter(each => each !== '');
    const [first, ...others] = names;
    if (first !== undefined) {
      if (configured === undefined || configured.isProject) demandInside(first, place);
      return { board: openNamed(first, { ...place, directory: top }), others };
    }
  }
  const [found, ...others] = boardsIn(top);
  if (found !== undefined) demandInside(found, place);
  if (found === undefined) {
    throw new Failure('unknown', `there is no board in ${top}`, {
      hint: `looked for ${LOOKED}; name one: --board md:PATH or github:OWNER/NUMBER`,
    });
  }
  return { board: openNamed(found, { ...place, directory: top }), others };
}

const KINDS = /^(?<kind>md|beads|backlog|folders):(?<rest>.*)$/s;

function openNamed(named: string, place: BoardPlace): Board {
  const { directory } = place;
  const project = readProjectName(named);
  if (project !== undefined) {
    const hint = 'install it and log in: https://cli.github.com';
    const env = {
      ...place.env,
      GH_PROMPT_DISABLED: '1',
      GH_NO_UPDATE_NOTIFIER: '1',
      NO_COLOR: '1',
    };
    return openGithubBoard(project, programOf('gh', { ...place, env }, hint));
  }
  const { kind, rest = '' } = KINDS.exec(named)?.groups ?? {};
  const path = (text: string) => boardPath(resolve(directory, text));
  if (kind === 'md') return openMarkdownBoard(path(rest));
  if (kind === 'beads') return openBeadsBoard(resolve(directory, rest), { ...place, directory });
  if (kind === 'backlog') return openBacklogBoard(path(rest || 'backlog'));
  if (kind === 'folders') return openFoldersBoard(path(rest));
  if (/\.(?:md|markdown)$/i.test(named)) return openMarkdownBoard(path(named));
  const message = `"${oneLine(named, limits.board_word_chars)}" names no board`;
  throw new Failure('usage', message, { hint: `write it as ${FORMS}` });
}

/**
 * Persona and memory of an orchestrator are no board: a tool for boards, which agents may use
 * unasked, would write them. Throws a Failure for one.
 */
function boardPath(path: string): string {
  const real = existsSync(path) ? realpathSync(path) : path;
  const workspace = workspaceOf(real);
  const [first = ''] = workspace === undefined ? ['-'] : relative(workspace, real).split(sep);
  if (!['', 'soul.md', 'personas', 'memory'].includes(first.toLowerCase())) return path;
  throw new Failure('unauthorised', `${path} is an orchestrator's own, and no board`, {
    hint: 'keep the board beside persona and memory, as board.md, or in a folder of its own',
  });
}

const FORMS = 'md:PATH, github:OWNER/NUMBER, beads:PATH, backlog:PATH or folders:PATH';

/**
 * A project that was fetched from somebody may name boards in its own folder, links followed, and
 * projects on GitHub: gh would give another host of that project's choice the token of its user.
 */
function demandInside(named: string, { top, env }: BoardPlace): void {
  const host = readProjectName(named)?.host;
  if (host === 'github.com' || (host !== undefined && host === env.GH_HOST)) return;
  const { kind, rest = named } = KINDS.exec(named)?.groups ?? {};
  const isPath = kind !== undefined || /\.(?:md|markdown)$/i.test(named);
  const isInside = ([top, path]: readonly [string, string]) => {
    const way = relative(top, path);
    return !/^\.\.(?:\/|$)/.test(way) && !isAbsolute(way);
  };
  const path = resolve(top, rest);
  if (host === undefined && !isPath) return;
  if (host === undefined && isInside([top, path]) && isInside([realOf(top), realOf(path)])) return;
  const text = oneLine(named, limits.board_id_chars);
  throw new Failure('unauthorised', `this project names a board outside of it: ${text}`, {
    hint: `if you mean it, name it yourself: --board ${text}`,
  });
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** In a workspace projects.md says which boards are looked at: `Board: github:acme/7`. */
function saidInProjects(top: string): string | undefined {
  try {
    const text = readFileSync(join(top, 'projects.md'), 'utf8').slice(0, limits.config_bytes);
    const found =
      /^[ \t]*(?:[-*][ \t]+)?(?:\*\*)?boards?(?:\*\*)?:(?:\*\*)?[ \t]+([^\s`].*)$/im.exec(text);
    const name = found?.[1]?.replaceAll('`', '').trim();
    return name !== undefined && isNamed(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Words of a person that only look like a board's name are none. */
function isNamed(text: string): boolean {
  const isOne = (name: string) =>
    KINDS.test(name) || /^\S+\.md$/i.test(name) || readProjectName(name) !== undefined;
  return text.split(',').every(each => isOne(each.trim()));
}

const LOOKED = 'board.md, todo.md, tasks.md, kanban.md, .beads/, backlog/, todo/ beside done/';
const FILES = ['board.md', 'todo.md', 'tasks.md', 'kanban.md', 'backlog.md'];

function isTasks(folder: string): boolean {
  try {
    return statSync(join(folder, 'tasks')).isDirectory();
  } catch {
    return false;
  }
}

/** Boards of a folder by their names, the likeliest first. */
function boardsIn(top: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(top, { withFileTypes: true });
  } catch {
    return [];
  }
  const files = FILES.flatMap(name =>
    entries
      .filter(entry => entry.name.toLowerCase() === name && !entry.isDirectory())
      .map(entry => `md:${entry.name}`),
  );
  const has = (name: string) => entries.some(each => each.name === name && each.isDirectory());
  return [
    ...(has('.beads') ? ['beads:'] : []),
    ...['backlog', '.backlog'].filter(name => has(name) && isTasks(join(top, name))),
    ...files,
    ...(has('todo') && has('done') ? ['folders:'] : []),
  ].map(name => (/^\.?backlog$/.test(name) ? `backlog:${name}` : name));
}
