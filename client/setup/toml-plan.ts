// The plan of a change to TOML settings, where our tables stand below marked lines.
import { isDeepStrictEqual } from 'node:util';
import {
  markedTables,
  putTables,
  readToml,
  type TomlTable,
  type TomlValue,
  tomlAt,
} from './edit/toml-edit.js';
import { digestOf, makerOf, type Plan, type SettingItem, type Wrote } from './plan.js';

/** What the file becomes with these tables, and no others of ours. Throws BrokenFile. */
export function planToml(
  before: string | undefined,
  tables: readonly TomlTable[],
  wrote: Wrote,
): Plan {
  const said = before === undefined ? {} : readToml(before);
  const wanted = tables.map(({ path, values }) => {
    const now = tomlAt(said, path) as Record<string, TomlValue> | undefined;
    // What people add to a table of ours stays.
    return { path, what: path.join('.'), now, values: { ...now, ...values } };
  });
  const items = wanted.map(({ what, now, values }): SettingItem => {
    if (now === undefined) return { what, standing: 'missing' };
    const isRight = isDeepStrictEqual({ ...now }, values);
    return { what, standing: isRight ? 'right' : makerOf(wrote, what, { ...now }) };
  });
  const isRight = items.every(({ standing }) => standing === 'right');
  const digests = wanted.map(({ what, values }) => [what, digestOf(values)]);
  // What its user agreed to trust stays trusted, unless that is settled anew.
  const isSettled = tables.some(isTrust);
  const kept = isSettled || before === undefined ? [] : markedTables(before).filter(isTrust);
  const after = isRight ? before : putTables(before, [...wanted, ...kept]);
  return { items, after, wrote: Object.fromEntries(digests) };
}

/** A hook of Codex that is trusted as it was. */
function isTrust({ path }: TomlTable): boolean {
  return path[0] === 'hooks' && path[1] === 'state';
}

/** What the file becomes without any table of ours. Throws BrokenFile. */
export function planTomlRemoval(
  before: string | undefined,
  tables: readonly TomlTable[],
  wrote: Wrote,
): Plan {
  const after = putTables(before, []);
  const [said, left] = [readToml(before ?? ''), readToml(after ?? '')];
  const items = tables.flatMap(({ path }): SettingItem[] => {
    const value = tomlAt(said, path);
    if (value === undefined || tomlAt(left, path) !== undefined) return [];
    const what = path.join('.');
    return [{ what, standing: makerOf(wrote, what, { ...Object(value) }) }];
  });
  return { items, after, wrote: {} };
}
