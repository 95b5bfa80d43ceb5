// Personas: files of words by which an orchestrator speaks, of a workspace or of all of its user's.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { makeFolders } from '../setup/owner.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { type InnerFile, readInner, readStraight } from './inner-file.js';
import { isPersonaName, type PersonaMark, readShim, type Shim, shimWith } from './shim.js';
import { writeFirst, writeOver } from './whole-file.js';

/** Where personas are looked for: the workspace before what its user keeps for all. */
export interface PersonaPlace {
  /** The workspace; undefined outside one. */
  workspace: string | undefined;
  /** `personas/` in the user's config directory; undefined for a user without one. */
  global: string | undefined;
}

export interface Persona extends PersonaMark {
  /** Its file. */
  path: string;
  /** True where the workspace has one of its name, which is meant then. */
  isShadowed: boolean;
  isUsed: boolean;
}

/** The shim, which names the persona in use. */
export const SHIM = 'SOUL.md';

/** Every persona, those of the workspace first, each in order of names. */
export function listPersonas(place: PersonaPlace): Persona[] {
  const used = usedIn(place);
  const own = namesIn(roomOf(place, false));
  const row = (isGlobal: boolean) => (name: string) => {
    const isShadowed = isGlobal && own.includes(name);
    const path = fileOf(place, name, isGlobal);
    return { name, isGlobal, path, isShadowed, isUsed: used?.name === name && !isShadowed };
  };
  return [...own.map(row(false)), ...namesIn(roomOf(place, true)).map(row(true))];
}

/** The persona that a name means. Throws a Failure where there is none. */
export function findPersona(place: PersonaPlace, name: string): Persona {
  demandName(name);
  const found = listPersonas(place).find(each => each.name === name && !each.isShadowed);
  if (found !== undefined) return found;
  throw new Failure('unknown', `there is no persona ${name}`, {
    hint: `see what there is: signalbox orchestrator persona list   or: persona new ${name}`,
  });
}

/** The persona that the shim of the workspace names; undefined where it names none. */
export function usedIn({ workspace }: PersonaPlace): PersonaMark | undefined {
  if (workspace === undefined) return undefined;
  const shim = openShim(workspace);
  return 'fault' in shim ? undefined : shim.mark;
}

/** The words of a persona, as its file has them. */
export function wordsOf(place: PersonaPlace, persona: PersonaMark): InnerFile | undefined {
  const { name, isGlobal } = persona;
  const folder = isGlobal ? place.global : place.workspace;
  return folder === undefined ? undefined : readInner(folder, fileOf(place, name, isGlobal));
}

/** Points the shim at a persona; false where it did so before. Throws a Failure. */
export function usePersona(workspace: string, { name, isGlobal }: PersonaMark): boolean {
  const shim = soundShim(workspace);
  const { mark, rest, at, isThere } = shim;
  if (mark?.name === name && mark.isGlobal === isGlobal) return false;
  const isNew = mark?.isNew ?? !isThere;
  const bytes = shimWith(rest, at, { name, isGlobal }, isNew);
  const file = join(workspace, SHIM);
  if (isThere) writeOver(file, bytes);
  else writeFirst(file, bytes);
  return true;
}

/** Takes the block out of the shim, which is then what it was; the name that it had. */
export function clearPersona(workspace: string): string | undefined {
  const { mark, rest } = soundShim(workspace);
  if (mark === undefined) return undefined;
  const file = join(workspace, SHIM);
  if (mark.isNew && rest.length === 0) rmSync(file);
  else writeOver(file, rest);
  return mark.name;
}

/** Makes a persona with these words; its file. Throws a Failure where there is one. */
export function newPersona(
  place: PersonaPlace,
  name: string,
  isGlobal: boolean,
  words: string,
): string {
  demandName(name);
  const room = roomOf(place, isGlobal);
  if (room === undefined) {
    throw new Failure('failed', 'this user has no home directory to keep a persona in', {
      hint: 'set HOME, or XDG_CONFIG_HOME, to a directory of your own',
    });
  }
  const file = join(room, name, SHIM);
  try {
    makeOwnFolder(room);
    makeOwnFolder(dirname(file));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('failed', `cannot make ${dirname(file)}: ${why(error)}`);
  }
  if (writeFirst(file, Buffer.from(words))) return file;
  throw new Failure('conflict', `there is a persona ${name} already: ${file}`, {
    hint: 'edit that file, or choose another name',
  });
}

/** A Failure for a name that could lead anywhere but down one step. */
export function demandName(name: string): void {
  if (isPersonaName(name)) return;
  throw new Failure('usage', 'a persona is named with 1-64 of a-z 0-9 . _ -', {
    hint: 'and a letter or digit first, for example: signalbox orchestrator persona new calm',
  });
}

function makeOwnFolder(folder: string): void {
  makeFolders(folder);
  if (lstatSync(folder).isDirectory()) return;
  throw new Failure('conflict', `${folder} is a link: nothing is written through it`);
}

function roomOf({ workspace, global }: PersonaPlace, isGlobal: boolean): string | undefined {
  if (isGlobal) return global;
  return workspace === undefined ? undefined : join(workspace, 'personas');
}

function fileOf(place: PersonaPlace, name: string, isGlobal: boolean): string {
  return join(roomOf(place, isGlobal) ?? '', name, SHIM);
}

/** Those folders that have words in them, so many at most. */
function namesIn(room: string | undefined): string[] {
  if (room === undefined) return [];
  try {
    const names = readdirSync(room).filter(isPersonaName).sort();
    return names.filter(name => hasWords(room, name)).slice(0, limits.workspace_personas_items);
  } catch {
    return [];
  }
}

/** A file beside the folders, or one that may not be looked into, is no persona: no other goes. */
function hasWords(room: string, name: string): boolean {
  try {
    return lstatSync(join(room, name, SHIM), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The shim of a workspace; empty where there is no file. */
export function openShim(workspace: string): Shim & { isThere: boolean } {
  const file = join(workspace, SHIM);
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return { rest: Buffer.alloc(0), at: 0, isThere: false };
  // What it would lead to is nobody's to change, nor to be shown to a model.
  if (!found.isFile()) return { fault: 'it is no file of its own', isThere: true };
  const { bytes, isWhole } = readStraight(file);
  if (!isWhole) return { fault: 'it is too long', isThere: true };
  return { ...readShim(bytes), isThere: true };
}

function soundShim(workspace: string): Exclude<Shim, { fault: string }> & { isThere: boolean } {
  const shim = openShim(workspace);
  if (!('fault' in shim)) return shim;
  const file = join(workspace, SHIM);
  throw new Failure('conflict', `${file} is left alone: ${shim.fault}`, {
    hint: `mend it in an editor, or move it away: ${file}`,
  });
}
