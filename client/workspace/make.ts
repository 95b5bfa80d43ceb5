// Makes a workspace, or brings one up to date: plans every part, and only then writes any.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { type FoundPart, hasDeadDrafts, linkedFile, lookAt, WorkspaceDisk } from './disk.js';
import { MARKER } from './find.js';
import { type Marker, markerText } from './marker.js';
import { copiesFor, copyText, isOfSkill, type WorkspacePart, wantedParts } from './parts.js';
import { SHIM } from './personas.js';
import { type PartPast, type PartPlan, planLink, planSurplus, planText } from './plan.js';
import { readShim } from './shim.js';

/** What is asked of a run. */
export interface WorkspaceAsk {
  /** The folder, as a real path. */
  root: string;
  /** As it stands; undefined for a folder that is no workspace yet. */
  marker: Marker | undefined;
  /** The name of its session from now on; absent: as before. */
  name?: string;
  circle?: string;
  /** Paths whose shipped text goes for that of their user; what was removed and is wanted again. */
  take?: ReadonlySet<string>;
  restore?: ReadonlySet<string>;
  /** Paths whose user has seen what is shipped now, and stays with what is theirs. */
  keep?: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** How each part stands; nothing is written. Links are taken to be possible unless it is known. */
export function planWorkspace(ask: WorkspaceAsk, canLink = true): PartPlan[] {
  const { root, marker, circle, take = NONE, restore = NONE } = ask;
  const recorded = Object.entries(marker?.parts ?? {});
  const past = (path: string): PartPast => ({
    wrote: marker?.parts[path] ?? [],
    isPending: marker?.pending.includes(path) ?? false,
    isTaken: take.has(path),
    isRestored: restore.has(path),
  });
  const hasCopies = (path: string) => recorded.some(([each]) => each.startsWith(`${path}/`));
  const parts = wantedParts({ ...(circle !== undefined && { circle }) }).flatMap(part =>
    part.kind === 'link' && (!canLink || hasCopies(part.path)) ? copiesFor(part) : [part],
  );
  const plans = new Map<string, PartPlan>();
  for (const part of parts) {
    const plan = planPart(root, part, past(part.path), plans);
    if (plan !== undefined) plans.set(part.path, plan);
  }
  const surplus = recorded
    .filter(([path]) => isOfSkill(path) && !parts.some(part => part.path === path))
    .flatMap(([path, wrote]) => planSurplus(path, lookAt(root, path), wrote) ?? []);
  return [...plans.values(), ...surplus];
}

function planPart(
  root: string,
  part: WorkspacePart,
  past: PartPast,
  plans: ReadonlyMap<string, PartPlan>,
): PartPlan | undefined {
  const found = lookAt(root, part.path);
  switch (part.kind) {
    case 'link':
      return planLink(part, found, past, found.is !== 'nothing' && isSamePlace(root, part));
    case 'copy': {
      const { after, mine, shipped } = plans.get(part.of) ?? {};
      const text = after ?? mine ?? shipped;
      if (text === undefined) return undefined;
      const { path, of } = part;
      return {
        ...planText({ kind: 'file', path, text: copyText(of, text) }, found, past),
        kind: 'copy',
      };
    }
    case 'block': {
      // One file by two names, as AGENTS.md often is, is followed as long as it stays inside.
      const at = found.is === 'link' ? linkedFile(root, part.path) : undefined;
      return at === undefined
        ? planText(part, found, past)
        : { ...planText(part, lookAt(root, at), past), at };
    }
    case 'file':
    case 'seed':
      return planText(part, part.path === SHIM ? withoutPersona(found) : found, past);
  }
}

/** A shim that names a persona is no change of its user's: only what else stands there is. */
function withoutPersona(found: FoundPart): FoundPart {
  if (found.is !== 'file' || found.text === undefined) return found;
  const shim = readShim(found.bytes);
  return 'fault' in shim ? found : { ...found, text: shim.rest.toString() };
}

function isSamePlace(root: string, { path, target }: { path: string; target: string }): boolean {
  try {
    const meant = realpathSync(join(root, path, '..', target));
    return realpathSync(join(root, path)) === meant && meant.startsWith(root);
  } catch {
    // What leads nowhere leads nowhere alike: the skill itself may have been removed.
    const found = lookAt(root, path);
    return found.is === 'link' && found.target === target;
  }
}

/** Whether a run would write anything of a plan. */
export function isToDo({ after, standing }: PartPlan): boolean {
  return after !== undefined || standing === 'surplus';
}

/**
 * Writes what is to be written; how each part stood before it. What a run that was cut off left is
 * completed by the next. A Failure where the disk refuses: what was made until then stays.
 */
export function makeWorkspace(ask: WorkspaceAsk): PartPlan[] {
  const { root, marker } = ask;
  const first = planWorkspace(ask);
  const isSettled = !first.some(isToDo) && marker !== undefined && !hasDeadDrafts(root);
  if (isSettled && markerText(kept(ask, first)) === markerText(marker)) return first;
  return writing(root, disk => {
    const plans = planWorkspace(ask, disk.canLink());
    // What is about to be written is known as ours before it is there.
    disk.put(MARKER, markerText(meant(ask, plans)));
    const done = plans.map(plan => written(disk, plan, ask));
    disk.put(MARKER, markerText(kept(ask, done)));
    return done;
  });
}

/** Gives the session of a workspace another name; nothing else is written. */
export function renameWorkspace(root: string, marker: Marker, name: string): void {
  if (marker.name === name) return;
  writing(root, disk => disk.put(MARKER, markerText({ ...marker, name })));
}

function writing<Done>(root: string, work: (disk: WorkspaceDisk) => Done): Done {
  let disk: WorkspaceDisk | undefined;
  try {
    disk = new WorkspaceDisk(root);
    return work(disk);
  } catch (error) {
    throw new Failure('failed', `cannot write in ${root}: ${why(error)}`, {
      hint: 'what was made stays, and the same command goes on from there',
    });
  } finally {
    try {
      disk?.close();
    } catch {
      // A disk that refuses everything was told already.
    }
  }
}

function written(disk: WorkspaceDisk, plan: PartPlan, ask: WorkspaceAsk): PartPlan {
  if (!isToDo(plan) || put(disk, plan)) return plan;
  // Another run may have made the same.
  const now = planWorkspace(ask).find(({ path }) => path === plan.path);
  if (now?.standing === 'right') return now;
  return { ...plan, standing: 'theirs', why: 'was changed meanwhile' };
}

/** False where what was planned for is another by now. */
function put(disk: WorkspaceDisk, { path, at = path, kind, before, after, isTaken }: PartPlan) {
  if (after === undefined) {
    disk.remove(path);
    return true;
  }
  if (kind === 'link') return disk.link(path, after);
  if (before === undefined) return disk.create(at, after);
  if (isTaken) disk.keepCopy(at, before.bytes);
  return disk.replace(at, before, after);
}

function meant(ask: WorkspaceAsk, plans: readonly PartPlan[]): Marker {
  const { parts = {}, pending = [] } = ask.marker ?? {};
  const todo = plans.filter(({ after }) => after !== undefined);
  const more = todo.map(({ path, digest }) => [path, known(parts[path], digest)] as const);
  const missing = todo.filter(({ standing }) => standing === 'missing').map(({ path }) => path);
  return {
    ...named(ask),
    parts: { ...parts, ...Object.fromEntries(more) },
    pending: [...new Set([...pending, ...missing])],
  };
}

function kept(ask: WorkspaceAsk, plans: readonly PartPlan[]): Marker {
  const { keep = NONE, marker } = ask;
  const parts = plans.flatMap(plan => {
    const { path, standing, digest } = plan;
    const before = marker?.parts[path] ?? [];
    const wrote = wroteAfter(plan, keep.has(path) ? known(before, digest) : before);
    return standing === 'surplus' || wrote.length === 0 ? [] : [[path, wrote] as const];
  });
  return { ...named(ask), parts: Object.fromEntries(parts), pending: [] };
}

function wroteAfter(plan: PartPlan, before: readonly string[]): readonly string[] {
  switch (plan.standing) {
    case 'right':
    case 'missing':
    case 'older':
      return [plan.digest];
    case 'theirs':
      return plan.isTaken && plan.why === undefined ? [plan.digest] : [];
    case 'edited':
    case 'differs':
      return plan.isTaken ? [plan.digest] : before;
    case 'surplus':
    case 'removed':
    case 'damaged':
    case 'blocked':
      return before;
  }
}

function known(before: readonly string[] | undefined, digest: string): readonly string[] {
  return [...new Set([...(before ?? []), digest])];
}

function named({ name, marker }: WorkspaceAsk): { name?: string } {
  const called = name ?? marker?.name;
  return called === undefined ? {} : { name: called };
}
