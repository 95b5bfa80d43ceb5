// The paths that were typed, as paths of one project, and what is said of them.
import { hostname } from 'node:os';
import { canonicalPaths } from '../../../schemas/lease-path.js';
import { limits } from '../../../schemas/limits.js';
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { folderOf } from '../reach/folder.js';
import { type ProjectFile, projectFile, realOf } from '../reach/project.js';

/** Several files of one project. */
export interface ProjectFiles {
  project: string;
  paths: readonly string[];
  /** The top of the work tree that they lie in. */
  top: string;
  /** True for who stands in the same work tree, as far as it has said so. */
  isIn(who: { machine?: string | undefined; path?: string | undefined }): boolean;
}

const PATH_CHARS = 60;

/** How this machine is called where projects are. */
export function machineName(): string {
  return hostname().slice(0, limits.label_chars);
}

/** The files that were typed. A Failure where they are of two projects, or too many at once. */
export function filesOf(typed: readonly string[], directory: string): ProjectFiles {
  const files = typed.map(each => projectFile(each, directory, machineName()));
  const [first] = files as [ProjectFile];
  const other = files.find(({ project }) => project !== first.project);
  if (other !== undefined) {
    const both = `${pathText(first.project)} and ${pathText(other.project)}`;
    throw new Failure('usage', `these are files of two projects, ${both}`, {
      hint: 'name those of each project by themselves',
    });
  }
  const paths = canonicalPaths(files.map(({ path }) => path));
  if ('fault' in paths) throw new Failure('usage', `${pathText(paths.path)} ${paths.fault}`);
  if (paths.length > limits.lease_paths_items) {
    throw new Failure('usage', `${paths.length} paths are too many at once`, {
      hint: `name the folders that they lie in, or ${limits.lease_paths_items} at a time`,
    });
  }
  const { project, top } = first;
  const isIn: ProjectFiles['isIn'] = ({ machine, path }) =>
    machine === machineName() && path !== undefined && folderOf(realOf(path)).top === top;
  return { project, paths, top, isIn };
}

/** A path as it may stand in a line. */
export function pathText(path: string): string {
  return oneLine(path, PATH_CHARS);
}

/** The first of several paths, and how many more there are. */
export function pathsText(paths: readonly string[]): string {
  const [first = '', ...more] = paths.map(pathText);
  return more.length > 0 ? `${first} and ${more.length} more` : first;
}
