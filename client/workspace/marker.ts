// The marker of a workspace: the digests of what was written there, and what is still to be made.
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { MARKER } from './find.js';

/** The form of the file; a newer one may mean what this program does not know. */
export const MARKER_VERSION = 1;

/** What we know of a workspace. */
export interface Marker {
  /** The name under which its session joins; absent: that of the folder. */
  name?: string;
  /** By path, the digests of what we wrote there: text of any of them is untouched. */
  parts: Readonly<Record<string, readonly string[]>>;
  /** What a run that was cut off was to make; what is missing and not in it, its user removed. */
  pending: readonly string[];
}

/** The marker of a folder; undefined for none. A Failure for a damaged or newer one. */
export function readMarker(root: string): Marker | undefined {
  const file = join(root, MARKER);
  const text = textOf(file);
  if (text === undefined) return undefined;
  const said = parsed(text);
  const { version, name, parts, pending = [] } = Object(said) as Record<string, unknown>;
  if (typeof version === 'number' && version > MARKER_VERSION) {
    throw new Failure('failed', `${root} was made by a newer signalbox`, {
      hint: 'use that one here: npm install -g signalbox@latest',
    });
  }
  const isSound =
    version === MARKER_VERSION &&
    (name === undefined || (typeof name === 'string' && NAME.test(name))) &&
    areDigests(parts) &&
    isList(pending);
  if (!isSound) {
    throw new Failure('failed', `${file} is damaged`, {
      hint: `move it away, then signalbox orchestrator init ${root}: what is as shipped is known`,
    });
  }
  return { parts, pending, ...(name !== undefined && { name }) };
}

/** As it is kept. */
export function markerText({ name, parts, pending }: Marker): string {
  const sorted = Object.fromEntries(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)));
  const kept = {
    version: MARKER_VERSION,
    ...(name !== undefined && { name }),
    parts: sorted,
    ...(pending.length > 0 && { pending }),
  };
  return `${JSON.stringify(kept, null, 2)}\n`;
}

function textOf(file: string): string | undefined {
  try {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile()) throw new Failure('failed', `${file} is no file`);
    if (found.size > limits.workspace_marker_bytes) {
      throw new Failure('failed', `${file} is larger than any marker is`);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    // A file where its folder is to be holds no marker; whoever writes one says so.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw new Failure('failed', `cannot read ${file}: ${why(error)}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A marker may come with a repository from anybody: no path in it leads out of the folder. */
function areDigests(parts: unknown): parts is Marker['parts'] {
  if (typeof parts !== 'object' || parts === null) return false;
  return Object.entries(parts).every(([path, digests]) => isInside(path) && isList(digests));
}

function isInside(path: string): boolean {
  const steps = path.split('/');
  return !/[\\\0]/.test(path) && steps.every(step => !['', '.', '..', '.git'].includes(step));
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

function isList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(each => typeof each === 'string');
}
