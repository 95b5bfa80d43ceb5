// Which project a file belongs to: its repository, by the remote that all clones of it share.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path';
import { folderOf, readText } from './folder.js';

/** A file as all who work on its project know it. */
export interface ProjectFile {
  /** As github.com/acme/app; <machine>:<folder> where nothing is remote, or no repository. */
  project: string;
  /** Relative to the project, with slashes; `.` for all of it. */
  path: string;
  /** The top of the work tree that it lies in. */
  top: string;
}

/**
 * The file that was typed in a directory, which need not be there. Symbolic links are followed, so
 * that whoever comes by one and whoever does not mean the same file.
 */
export function projectFile(typed: string, directory: string, machine: string): ProjectFile {
  const file = realOf(resolve(directory, typed));
  // A repository is known from within; a file may be the folder that it lies in.
  const { top, repository } = folderOf(file);
  const root = repository === undefined ? parse(file).root : top;
  const path = slashed(relative(root, file)) || '.';
  if (repository === undefined) return { project: `${machine}:${slashed(root)}`, path, top: root };
  const remote = remoteOf(readText(join(repository.git, 'config')));
  const project = remote === undefined ? undefined : remoteProject(remote, top, machine);
  return { project: project ?? `${machine}:${slashed(realOf(repository.folder))}`, path, top };
}

/** Through links as far as it exists: the rest is as it was typed. */
export function realOf(path: string): string {
  const rest: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    try {
      return join(realpathSync.native(at), ...rest);
    } catch {
      if (dirname(at) === at) return path;
      rest.unshift(basename(at));
    }
  }
}

/** Where `origin` is, or else the first remote of a git config. */
function remoteOf(config: string): string | undefined {
  const remotes = new Map<string, string>();
  let name: string | undefined;
  for (const line of config.split('\n')) {
    const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) name = /^remote "(.+)"$/.exec(section)?.[1];
    const url = /^\s*url\s*=\s*"?(.*?)"?\s*$/.exec(line)?.[1];
    if (name !== undefined && url && !remotes.has(name)) remotes.set(name, url);
  }
  return remotes.get('origin') ?? [...remotes.values()][0];
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^/:]+)(?::\d*)?\/(.+)$/i;
/** As ssh is told it: git@github.com:acme/app.git. One letter is a drive of Windows. */
const SCP = /^(?:[^/@\s]+@)?([^/:\s]{2,}):(?!\/\/)(.+)$/;

/** Host and path, without what clones differ in: the way there, who goes, how it is written. */
function remoteProject(url: string, top: string, machine: string): string | undefined {
  const isFile = /^file:\/\//i.test(url);
  const [, host, path] = (isFile ? null : (SCHEME.exec(url) ?? SCP.exec(url))) ?? [];
  if (host !== undefined && path !== undefined) {
    const name = plain(path.replace(/^\/+/, '')).toLowerCase();
    return name === '' ? undefined : `${host.toLowerCase()}/${name}`;
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) && !isFile) return undefined;
  // A repository of this machine, which others may be clones of, too.
  const folder = resolve(top, url.replace(/^file:\/\//i, ''));
  return `${machine}:${plain(slashed(realOf(folder)))}`;
}

function plain(path: string): string {
  return path
    .replace(/\/+$/, '')
    .replace(/\/?\.git$/, '')
    .replace(/\/+$/, '');
}

function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
