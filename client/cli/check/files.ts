// Whether the files that hold secrets are this user's alone, and made so when told to.
import { chmod, lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { quoted } from '../../terminal/paste.js';
import { LIST } from '../../workspace/accepted.js';
import { readInner } from '../../workspace/inner-file.js';
import { isIdentity } from '../reach/identity.js';
import { type Finding, fault, well } from './finding.js';

export interface SecretFile {
  what: string;
  path: string;
  /** 0o600 for a file, 0o700 for a directory. */
  mode: number;
}

/** One finding for each file that is there. */
export async function checkFiles(files: readonly SecretFile[]): Promise<Finding[]> {
  const looks = files.map(async ({ what, path, mode }) => {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    const bits = found.mode & 0o777;
    const detail = `${path} has mode ${octal(bits)}`;
    if ((bits & ~mode) === 0) return well(what, detail);
    const cure = `chmod ${octal(mode)} ${quoted(path)}`;
    const mend = async () => {
      await chmod(path, mode);
      return `${path} has mode ${octal(mode)} now`;
    };
    return { ...fault(what, `${detail}: others may look in`, cure), mend };
  });
  return (await Promise.all(looks)).filter(finding => finding !== undefined);
}

/** Whether the identities that are kept here, of any log, are private and whole. */
export async function checkIdentities(state: string): Promise<Finding[]> {
  const rooms = (await readdir(state).catch(() => [])).filter(name => name.startsWith('log_'));
  const looks = rooms.map(room => lookIn(join(state, room)));
  const kept = (await Promise.all(looks)).flat().slice(0, limits.doctor_files);
  if (kept.length === 0) return [];
  const open = kept.filter(({ isOpen }) => isOpen);
  const damaged = kept.filter(({ isDamaged }) => isDamaged).map(({ path }) => path);
  const mend = async () => {
    for (const { path, mode } of open) await chmod(path, mode);
    return `${open.length} closed to others: ${namesOf(open.map(({ path }) => path))}`;
  };
  const others = open.map(({ path, mode }) => `chmod ${octal(mode)} ${quoted(path)}`);
  const said = `others may look into ${namesOf(open.map(({ path }) => path))}`;
  const rights = { ...fault('identities', said, others.slice(0, 3).join('; ')), mend };
  const cure = 'put it back from a copy, or move it away: that peer is then joined anew';
  return [
    open.length > 0 ? rights : well('identities', `those in ${state} are yours alone`),
    ...(damaged.length > 0
      ? [fault('damaged identities', `not readable as one: ${namesOf(damaged)}`, cure)]
      : []),
  ];
}

/**
 * Whether the list of accepted workspaces is read: where it is not, sessions are told nothing of
 * theirs, and nobody says why. None where there is no list.
 */
export async function checkWorkspaces(state: string): Promise<Finding[]> {
  const path = join(state, LIST);
  if ((await lstat(path).catch(() => undefined)) === undefined) return [];
  const found = readInner(state, path);
  const cure = `mv ${quoted(path)} ${quoted(`${path}.old`)}, then: signalbox orchestrator start`;
  const fails = (why: string) => [
    fault('workspaces', `${path}: ${why}; no session is told of its workspace`, cure),
  ];
  if (found === undefined) return fails('it leads nowhere');
  if (found.fault !== undefined) return fails(found.fault);
  if (!found.isWhole) return fails('it is longer than what is read');
  const count = found.text.split('\n').filter(line => line !== '').length;
  return [well('workspaces', `${count === 1 ? '1 is' : `${count} are`} accepted in ${path}`)];
}

interface KeptFile {
  path: string;
  mode: number;
  isOpen: boolean;
  isDamaged: boolean;
}

async function lookIn(room: string): Promise<KeptFile[]> {
  const names = (await readdir(room).catch(() => [])).filter(name => IDENTITY.test(name));
  const looks = [room, ...names.map(name => join(room, name))].map(path => lookAt(path));
  return (await Promise.all(looks)).filter(file => file !== undefined);
}

const IDENTITY = /\.json(\.left)?$/;

async function lookAt(path: string): Promise<KeptFile | undefined> {
  const found = await lstat(path).catch(() => undefined);
  // What is neither is nobody's identity, and a pipe would be waited for.
  if (found === undefined || !(found.isFile() || found.isDirectory())) return undefined;
  const mode = found.isFile() ? 0o600 : 0o700;
  const text = found.isFile() && found.size < limits.setup_file_bytes ? readFile(path, 'utf8') : '';
  const isDamaged = found.isFile() && !isIdentity(await Promise.resolve(text).catch(() => ''));
  return { path, mode, isOpen: (found.mode & 0o777 & ~mode) !== 0, isDamaged };
}

/** Some of them by name. */
function namesOf(paths: readonly string[]): string {
  const rest = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  return `${paths.slice(0, 3).join(', ')}${rest}`;
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
