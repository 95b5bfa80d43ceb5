// What the config files say: that of the project in which a shell stands, below it the user's own.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { workspaceOf } from '../../workspace/find.js';
import { folderOf } from '../reach/folder.js';
import { userPaths } from '../reach/paths.js';
import { faultOf, type KeyName, type Values } from './keys.js';
import { type ConfigEntry, plainLines } from './plain-lines.js';
import { demandOwn, readSmallFile } from './small-file.js';

/** Where a shell stands, and whose it is. */
export interface ConfigPlace {
  env: NodeJS.ProcessEnv;
  home?: string;
  directory: string;
}

/** One config file as it stands. */
export interface Layer {
  file: string;
  isProject: boolean;
  /** Empty where there is no such file, or a fault in it. */
  values: Values;
  /** What is wrong with it. */
  fault?: Failure;
}

/** The files, that which is heard first before the other. */
export type Settings = readonly Layer[];

/** The file of the project: at the top of an orchestrator's workspace, else of the work tree. */
export function projectFile(directory: string): string {
  return join(workspaceOf(directory) ?? folderOf(directory).top, '.signalbox.yaml');
}

/** The file of this user; undefined for one without a home. */
export function userFile({ env, home }: ConfigPlace): string | undefined {
  try {
    return join(userPaths(env, home).config, 'config.yaml');
  } catch {
    return undefined;
  }
}

/** Both files by their lines alone, without YAML; nothing is thrown. */
export function readSettings(place: ConfigPlace): Settings {
  return looks(place).map(({ layer }) => layer);
}

/** Both files, as YAML where one is more than lines. */
export function readSettingsWhole(place: ConfigPlace): Promise<Settings> {
  const whole = async ({ layer, yaml }: Look) =>
    yaml === undefined ? layer : wholeLayer(layer, yaml);
  return Promise.all(looks(place).map(whole));
}

/** A file by its lines, and its text where YAML may say more. */
interface Look {
  layer: Layer;
  yaml?: string;
}

function looks(place: ConfigPlace): Look[] {
  const own = userFile(place);
  const shared = lookAt(projectFile(place.directory), true);
  return own === undefined ? [shared] : [shared, lookAt(own, false)];
}

/** The value that holds, and which file says it. */
export function settingOf(
  settings: Settings,
  key: KeyName,
): { value: string; file: string } | undefined {
  for (const { values, file } of settings) {
    const value = values[key];
    if (value !== undefined) return { value, file };
  }
  return undefined;
}

/** Throws the first fault of a file, as nobody knows what it was to say. */
export function demandSound(settings: Settings): void {
  for (const { fault } of settings) if (fault !== undefined) throw fault;
}

/** The fault of a file, with where it is and how to mend it. */
export function faultIn(
  file: string,
  { line, column }: { line: number; column: number },
  { message, hint }: { message: string; hint?: string },
): Failure {
  const mend = `mend it in an editor: ${file}`;
  return new Failure('usage', `${file}:${line}:${column}: ${oneLine(message, 200)}`, {
    hint: hint === undefined ? mend : `${hint}   (${mend})`,
  });
}

/** The values of entries, each as it has to be. Throws a Failure. */
function checkedValues(file: string, isProject: boolean, entries: readonly ConfigEntry[]): Values {
  const values: Values = {};
  for (const entry of entries) {
    const fault = faultOf(entry.key, entry.value, isProject);
    if (fault !== undefined) throw faultIn(file, entry, fault);
    values[entry.key as KeyName] = entry.value;
  }
  return values;
}

function lookAt(file: string, isProject: boolean): Look {
  const layer = { file, isProject, values: {} };
  try {
    if (isProject && !isOurs(file)) return { layer };
    const found = readSmallFile(file);
    if (found === undefined) return { layer };
    demandOwn(file, found);
    const { entries, isWhole } = plainLines(found.text);
    const known = isWhole ? entries : entries.filter(each => isSound(each, isProject));
    const values = checkedValues(file, isProject, known);
    return { layer: { ...layer, values }, ...(!isWhole && { yaml: found.text }) };
  } catch (error) {
    if (error instanceof Failure) return { layer: { ...layer, fault: error } };
    throw error;
  }
}

/** Whoever may write to a folder, as to /tmp, is not to choose for all who stand there. */
function isOurs(file: string): boolean {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found !== undefined && [0, process.getuid?.() ?? found.uid].includes(found.uid);
  } catch {
    return false;
  }
}

function isSound({ key, value }: ConfigEntry, isProject: boolean): boolean {
  return faultOf(key, value, isProject) === undefined;
}

/** As YAML; of what hooks go by, its lines have to say the same. */
async function wholeLayer({ file, isProject }: Layer, text: string): Promise<Layer> {
  const { ConfigFault, entriesOf } = await import('./document.js');
  try {
    return { file, isProject, values: valuesOf(file, isProject, text, entriesOf(text)) };
  } catch (error) {
    if (error instanceof Failure) return { file, isProject, values: {}, fault: error };
    if (!(error instanceof ConfigFault)) throw error;
    const fault = faultIn(file, error, { message: error.message });
    return { file, isProject, values: {}, fault };
  }
}

/** The values of a text, of which `entries` is what YAML makes. Throws a Failure. */
export function valuesOf(
  file: string,
  isProject: boolean,
  text: string,
  entries: readonly ConfigEntry[],
): Values {
  const values = checkedValues(file, isProject, entries);
  const lines = plainLines(text).entries;
  const other = entries.find(
    ({ key, value }) =>
      HEEDED.includes(key) && !lines.some(line => line.key === key && line.value === value),
  );
  if (other === undefined) return values;
  const hint = `write it on a line of its own: ${other.key}: ${other.value}`;
  throw faultIn(file, other, { message: `hooks do not see what ${other.key} is here`, hint });
}

/** What hooks go by. */
const HEEDED: readonly string[] = ['context', 'mesh', 'circle', 'role'];
