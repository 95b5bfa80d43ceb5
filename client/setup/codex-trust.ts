// Trust in our Codex hooks, as tables of our own in its settings: those that its user agreed to.
import { type CodexHook, type CodexPlace, codexHooks } from './codex-hooks.js';
import { markedTables, readToml, type TomlTable, tomlAt } from './edit/toml-edit.js';
import { readSettings } from './files.js';
import { applySetup, type SetupChange } from './setup.js';
import type { SettingEntry, Target } from './targets.js';

/** Where Codex of this user is asked about what a change writes; undefined for another one. */
export function placeOf(
  { targets }: SetupChange,
  env: NodeJS.ProcessEnv,
  directory: string,
): CodexPlace | undefined {
  const hooksFile = targets.find(({ path }) => path.endsWith('hooks.json'))?.path;
  return hooksFile === undefined ? undefined : { env, directory, hooksFile };
}

/**
 * Writes that these hooks are trusted as they are now; what Codex makes of them then. Where it
 * keeps a word of its own about one of them, that one is left to its user.
 */
export async function trustHooks(
  change: SetupChange,
  place: CodexPlace,
  hooks: readonly CodexHook[],
): Promise<CodexHook[] | undefined> {
  const target = change.targets.find(({ format }) => format === 'toml');
  if (target?.format !== 'toml') return hooks.slice();
  const { text = '' } = await readSettings(target.path);
  const ours = new Set(markedTables(text).map(({ path }) => path.join('\0')));
  const state = Object(tomlAt(readToml(text), ['hooks', 'state']));
  const isFree = ({ path }: TomlTable) => {
    return ours.has(path.join('\0')) || !Object.hasOwn(state, path[2] as string);
  };
  const tables = hooks.map(tableOf).filter(isFree);
  const entries: SettingEntry[] = tables.map(table => ({ kind: 'table', ...table }));
  const trusting: Target = { ...target, entries: [...target.entries, ...entries] };
  if (entries.length > 0) await applySetup({ ...change, targets: [trusting] });
  return codexHooks(place);
}

function tableOf({ key, hash }: CodexHook): TomlTable {
  return { path: ['hooks', 'state', key], values: { trusted_hash: hash } };
}
