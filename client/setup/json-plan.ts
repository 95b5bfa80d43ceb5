// The plan of a change to JSON settings, where our entries are known by name or by their command.
import { isDeepStrictEqual } from 'node:util';
import { addItem, putMember, removeAt, replaceAt } from './edit/json-edit.js';
import { brokenAt, type JsonPath, jsonOf, nodeAt, readJson } from './edit/json-tree.js';
import { digestOf, makerOf, nameOf, type Plan, type SettingItem, type Wrote } from './plan.js';
import { isHookCall, isServerCall } from './program-words.js';
import type { HookGroup, SettingEntry } from './targets.js';

/** An entry of ours as it stands in a file. */
export interface FoundEntry {
  what: string;
  path: JsonPath;
  value: unknown;
}

/** What the file becomes with these entries, and no others of ours. Throws BrokenFile. */
export function planJson(
  before: string | undefined,
  entries: readonly SettingEntry[],
  wrote: Wrote,
): Plan {
  // Who once let the agent call our tools unasked takes it back by removing, not by silence.
  const all = [...entries, ...itemsIn(wrote).filter(item => !has(entries, item))];
  const names = new Set(all.map(nameOf));
  const present = hooksOf(before);
  const surplus = present.filter(
    ({ what }, at) => !names.has(what) || present.findIndex(each => each.what === what) < at,
  );
  const items = surplus.map(({ what }): SettingItem => ({ what, standing: 'surplus' }));
  let after = takenOut(before, surplus);
  const written: Record<string, string> = {};
  for (const entry of all) {
    const what = nameOf(entry);
    const found = find(after, entry);
    if (found !== undefined && isForeign(entry, found, wrote)) throw taken(after ?? '', found);
    const value = merged(entry, found);
    const isRight = found !== undefined && isDeepStrictEqual(found.value, value);
    const standing = found ? makerOf(wrote, what, found.value) : 'missing';
    items.push({ what, standing: isRight ? 'right' : standing });
    // What somebody else allowed is not ours to take back.
    if (!isRight || entry.kind !== 'item' || wrote[what]) written[what] = digestOf(value);
    if (!isRight) after = put(after, entry, found, value);
  }
  return { items, after, wrote: written };
}

/** What the file becomes without any entry of ours. Throws BrokenFile. */
export function planJsonRemoval(
  before: string | undefined,
  entries: readonly SettingEntry[],
  wrote: Wrote,
): Plan {
  const named = entries.filter(({ kind }) => kind === 'member');
  const all = [...named, ...itemsIn(wrote)];
  const others = all.flatMap(entry => {
    const found = find(before, entry);
    return found === undefined ? [] : [{ ...found, isKept: isForeign(entry, found, wrote) }];
  });
  const found = [...hooksOf(before), ...others.filter(({ isKept }) => !isKept)];
  const items = found.map(
    ({ what, value }): SettingItem => ({ what, standing: makerOf(wrote, what, value) }),
  );
  const kept = others.filter(({ isKept }) => isKept);
  const left = kept.map(({ what }): SettingItem => ({ what, standing: 'kept' }));
  return { items: [...items, ...left], after: takenOut(before, found), wrote: {} };
}

/** A server of somebody else that is called as ours is. */
function isForeign(entry: SettingEntry, { what, value }: FoundEntry, wrote: Wrote): boolean {
  return entry.kind === 'member' && !isServerCall(value) && makerOf(wrote, what, value) !== 'older';
}

function taken(file: string, { what, path }: FoundEntry): Error {
  const doc = readJson(file);
  const said = `${what} is there already, and not by setup`;
  return brokenAt(doc.text, nodeAt(doc, path)?.offset ?? 0, said);
}

function itemsIn(wrote: Wrote): SettingEntry[] {
  return Object.keys(wrote).flatMap((what): SettingEntry[] => {
    const [, path, value] = what.match(/^(\S+\.\S+) (\S+)$/) ?? [];
    return path && value ? [{ kind: 'item', path: path.split('.'), value }] : [];
  });
}

function has(entries: readonly SettingEntry[], item: SettingEntry): boolean {
  return entries.some(entry => nameOf(entry) === nameOf(item));
}

function put(
  file: string | undefined,
  entry: SettingEntry,
  found: FoundEntry | undefined,
  value: unknown,
): string {
  if (found !== undefined && file !== undefined) return replaceAt(file, found.path, value);
  switch (entry.kind) {
    case 'hook':
      return addItem(file, ['hooks', entry.event], value);
    case 'item':
      return addItem(file, entry.path, value);
    case 'member':
    case 'table':
      return putMember(file, entry.path, value);
  }
}

/** From the last to the first, as the way back is exact in that order. */
function takenOut(file: string | undefined, found: readonly FoundEntry[]): string | undefined {
  if (file === undefined) return undefined;
  const doc = readJson(file);
  const place = ({ path }: FoundEntry) => nodeAt(doc, path)?.offset ?? -1;
  let text: string | undefined = file;
  for (const { path } of found.toSorted((a, b) => place(b) - place(a))) {
    if (text !== undefined) text = removeAt(text, path);
  }
  return text;
}

/** What people add to an entry of ours, a variable say, stays. */
function merged(entry: SettingEntry, found: FoundEntry | undefined): unknown {
  switch (entry.kind) {
    case 'item':
      return entry.value;
    case 'table':
      return entry.values;
    case 'member':
      return { ...Object(found?.value), ...entry.value };
    case 'hook': {
      const [hook] = entry.value.hooks;
      // One hook in a group of somebody else, or a group of ours.
      if (found?.path.at(-2) === 'hooks' && found.path.length > 3) {
        return { ...Object(found.value), ...hook };
      }
      const former = Object(found?.value) as Partial<HookGroup>;
      return { ...former, ...entry.value, hooks: [{ ...former.hooks?.[0], ...hook }] };
    }
  }
}

function find(file: string | undefined, entry: SettingEntry): FoundEntry | undefined {
  const what = nameOf(entry);
  if (entry.kind === 'hook') return hooksOf(file).find(each => each.what === what);
  const node = file === undefined ? undefined : nodeAt(readJson(file), entry.path);
  if (node === undefined) return undefined;
  if (entry.kind !== 'item') return { what, path: entry.path, value: jsonOf(node) };
  const at = node.children?.findIndex(each => each.value === entry.value) ?? -1;
  return at < 0 ? undefined : { what, path: [...entry.path, at], value: entry.value };
}

/** Every hook of ours: a whole group, or one hook among those of somebody else. */
export function hooksOf(file: string | undefined): FoundEntry[] {
  const events = file === undefined ? undefined : nodeAt(readJson(file), ['hooks']);
  if (events?.type !== 'object') return [];
  return (events.children ?? []).flatMap(({ children: [name, groups] = [] }) => {
    const list = groups?.type === 'array' ? (groups.children ?? []) : [];
    return list.flatMap((group, at) => hooksIn(jsonOf(group), String(name?.value), at));
  });
}

function hooksIn(group: unknown, event: string, at: number): FoundEntry[] {
  const { hooks } = Object(group) as { hooks?: unknown };
  if (!Array.isArray(hooks)) return [];
  const isOurs = (hook: unknown) => isHookCall(Object(hook).command, Object(hook).args);
  const what = `hook ${event}`;
  const path = ['hooks', event, at];
  if (hooks.length > 0 && hooks.every(isOurs)) return [{ what, path, value: group }];
  return hooks.flatMap((hook, index) =>
    isOurs(hook) ? [{ what, path: [...path, 'hooks', index], value: hook }] : [],
  );
}
