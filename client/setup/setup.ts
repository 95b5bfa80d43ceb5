// Setup of one coding agent: looks at its files, plans all of them, and only then changes any.
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { BrokenFile } from './edit/json-tree.js';
import {
  ChangedMeanwhile,
  demandWritable,
  dropEmpty,
  readSettings,
  replaceSettings,
  type SettingsFile,
} from './files.js';
import { planJson, planJsonRemoval } from './json-plan.js';
import { planOwnFile, planOwnFileRemoval } from './own-file.js';
import type { Plan, SettingItem, Wrote } from './plan.js';
import { keepRecords, type Records, readRecords } from './records.js';
import type { Target } from './targets.js';
import { planToml, planTomlRemoval } from './toml-plan.js';

/** A file and what is to be done to it. */
export interface FilePlan {
  path: string;
  format: Target['format'];
  items: readonly SettingItem[];
  before: string | undefined;
  after: string | undefined;
}

/** What a change needs to know. */
export interface SetupChange {
  targets: readonly Target[];
  isRemoval: boolean;
  /** Where records are kept. */
  records: string;
  /** The mode of a file that is made. */
  mode: number;
}

/** What would be done. A Failure for a file that is broken, of no use or not to be written. */
export async function planSetup(change: SetupChange): Promise<FilePlan[]> {
  const records = await readRecords(change.records);
  const looks = await Promise.all(change.targets.map(target => look(target, change, records)));
  return looks.map(({ plan }) => plan);
}

/**
 * Does it, to every file or, where one is broken, to none; what was done. A file that somebody
 * else changes in between is read again.
 */
export async function applySetup(change: SetupChange): Promise<FilePlan[]> {
  let records = await readRecords(change.records);
  const looks = await Promise.all(change.targets.map(target => look(target, change, records)));
  const done: FilePlan[] = [];
  for (const first of looks) {
    const { plan, made, wrote } = await changeOne(first, change, records);
    const others = Object.entries(records.wrote).filter(([path]) => path !== plan.path);
    const own = Object.keys(wrote).length > 0 ? [[plan.path, wrote] as const] : [];
    records = {
      wrote: Object.fromEntries([...others, ...own]),
      directories: [...new Set([...records.directories, ...made])],
    };
    await keepRecords(change.records, records);
    done.push(plan);
  }
  if (change.isRemoval) {
    const gone = new Set(await dropEmpty(records.directories));
    const directories = records.directories.filter(path => !gone.has(path));
    await keepRecords(change.records, { ...records, directories });
  }
  return done;
}

interface Look {
  target: Target;
  file: SettingsFile;
  plan: FilePlan;
  wrote: Wrote;
  /** Whether the file holds what an exact way back would not bring again. */
  keepsCopy: boolean;
}

async function look(target: Target, { isRemoval }: SetupChange, records: Records): Promise<Look> {
  const { path } = target;
  const file = await readSettings(path);
  const wrote = records.wrote[path] ?? {};
  try {
    const planned = planOne(target, file.text, wrote, isRemoval);
    const bare = planOne(target, file.text, wrote, true).after;
    const { items, after } = planned;
    const plan = { path, format: target.format, items, before: file.text, after };
    if (plan.before !== plan.after) demandWritable(path, file);
    const isFirst = bare === file.text;
    const isByHand = planned.items.some(({ standing }) => standing === 'changed');
    const isOwn = target.format === 'own';
    const keepsCopy = isByHand || (!isOwn && bare !== undefined && isFirst);
    return { target, file, plan, wrote: planned.wrote, keepsCopy };
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error;
    throw new Failure('failed', `${path} cannot be edited: ${error.message}`, {
      hint: 'nothing was changed; mend the file and try again',
    });
  }
}

function planOne(target: Target, text: string | undefined, wrote: Wrote, isRemoval: boolean): Plan {
  if (target.format === 'own') {
    return isRemoval ? planOwnFileRemoval(text) : planOwnFile(text, target.text());
  }
  const { format, entries } = target;
  if (format === 'json') return (isRemoval ? planJsonRemoval : planJson)(text, entries, wrote);
  const tables = entries.filter(entry => entry.kind === 'table');
  return (isRemoval ? planTomlRemoval : planToml)(text, tables, wrote);
}

async function changeOne(first: Look, change: SetupChange, records: Records) {
  let { plan, file, wrote, keepsCopy } = first;
  for (let tries = 1; plan.after !== plan.before; tries += 1) {
    try {
      const { after } = plan;
      const { mode } = change;
      const made = await replaceSettings(file, { after, mode, keepsCopy });
      return { plan, wrote, made };
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
      if (tries >= limits.setup_tries) {
        throw new Failure('conflict', `${plan.path} is being changed all the time`, {
          hint: 'end the agent that writes it, then try again',
        });
      }
      ({ plan, file, wrote, keepsCopy } = await look(first.target, change, records));
    }
  }
  return { plan, wrote, made: [] };
}
