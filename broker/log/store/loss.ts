// Recovery from loss: a damaged store is set aside, and what can be read begins a new log.
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BrokenHistory } from '../../core/fold.js';
import { LEVEL } from '../../core/levels.js';
import { readIfThere, syncDirectory, writeDurably } from '../../disk/data-dir.js';
import {
  DamagedMark,
  type HighWaterMark,
  markFile,
  NOTHING_YET,
  readHighWater,
  resetHighWater,
} from '../../disk/high-water.js';
import { meshesIn, storeOf } from './places.js';
import { salvage } from './salvage.js';
import { newLogId } from './stand-in.js';
import { CURE } from './survey.js';
import { isWhole } from './whole.js';

/** What `signalbox log accept-loss` says. */
export interface AcceptedLoss {
  /** The damaged store under its new name; absent when there was none. */
  aside?: string;
  kept: { commits: number; events: number };
  /** `events` is absent when the mark is damaged or of an earlier version. */
  lost: { commits: number; events?: number };
  /** The log is on another server: whatever that holds is gone on with. */
  isElsewhere?: boolean;
}

/** Written before anything is renamed, so that whoever comes next can end what was begun. */
interface Plan {
  aside?: string;
  fresh?: string;
  mark?: HighWaterMark;
  /** What was said of it, for whoever accepts the same loss again. */
  told?: AcceptedLoss;
}

const FRESH = 'store.fresh-';
const ASIDE = 'store.damaged-';

/** A damaged plan must not move anything else. */
const isNamed = (name: unknown, prefix: string) =>
  typeof name === 'string' && name.startsWith(prefix) && !name.includes('/');

const planFile = (dataDir: string) => join(dataDir, 'loss-accepted');

/**
 * Makes a new log of what can be read. Only the holder of the data lock may do so, with no server
 * on the store. The next broker goes on under a new log id. Where nothing is lost this is refused
 * (`nothing_lost`), as every cursor would be void for nothing; what was accepted a moment ago and
 * not yet gone on with is only told again.
 */
export async function acceptLossIn(dataDir: string, now: number): Promise<AcceptedLoss> {
  await endPlan(dataDir);
  const plan = planIn((await readIfThere(planFile(dataDir))) ?? '');
  if (!(await isLossless(dataDir))) return salvageLog(dataDir, now);
  if (plan?.told !== undefined) return plan.told;
  throw Object.assign(new Error('Nothing is lost here.'), { code: 'nothing_lost' });
}

/** True when all that was acknowledged here can be read, or nothing ever was. */
async function isLossless(dataDir: string): Promise<boolean> {
  const mark = await readHighWater(dataDir).catch(whenDamaged(() => 'damaged' as const));
  const store = storeOf(dataDir);
  const [mesh] = await meshesIn(store);
  if (mark === 'damaged') return false;
  if (mesh !== undefined) return mark !== undefined && (await isWhole(store, mesh, mark));
  const isUsed = (await hasFiles(store)) || (await isThere(join(dataDir, 'gateway.id')));
  return mark === undefined && !isUsed;
}

/** The same without asking whether anything is lost. */
export async function salvageLog(dataDir: string, now: number): Promise<AcceptedLoss> {
  await endPlan(dataDir);
  await dropUnfinished(dataDir);
  const stamp = new Date(now).toISOString();
  const suffix = stamp.replaceAll(/[:.]/g, '');
  const mark = await readHighWater(dataDir).catch(whenDamaged(() => setMarkAside(dataDir, suffix)));
  const acknowledged = mark?.sequence ?? 0;
  const store = storeOf(dataDir);
  const [mesh] = await meshesIn(store);
  const aside = (await hasFiles(store)) ? `${ASIDE}${suffix}` : undefined;
  if (mesh === undefined) {
    const isElsewhere = !aside && !(await isThere(join(dataDir, 'nats-server.conf')));
    const nothing = {
      kept: { commits: 0, events: 0 },
      lost: isElsewhere ? { commits: 0 } : lossOf(mark, 0, 0, acknowledged),
      ...(isElsewhere && { isElsewhere }),
    };
    await writePlan(dataDir, { ...(aside && { aside }) });
    await endPlan(dataDir);
    return { ...nothing, ...(aside && { aside: join(dataDir, aside) }) };
  }
  const fresh = `${FRESH}${suffix}`;
  const opening = { log: newLogId(now), level: mark?.level ?? LEVEL };
  const to = join(dataDir, fresh);
  const made = await salvage({ from: store, to, mesh, acknowledged, opening, now: stamp }).catch(
    async error => {
      await rm(to, { recursive: true, force: true });
      throw error;
    },
  );
  const told = {
    ...(aside && { aside: join(dataDir, aside) }),
    kept: { commits: made.commits, events: made.events },
    lost: lossOf(mark, made.commits, made.vouched, made.last),
  };
  await writePlan(dataDir, { fresh, mark: made.mark, told, ...(aside && { aside }) });
  await endPlan(dataDir);
  return told;
}

/**
 * The mark that vouches for the log, and the loss that was accepted and not yet told to it. On
 * first use the mark is there before anything else, so that one without is a damage.
 */
export async function keptMark(dataDir: string, now: number) {
  const loss = await pendingLoss(dataDir, now);
  if (loss !== undefined) return { mark: loss.mark, loss };
  const mark = await readHighWater(dataDir).catch(error => {
    throw error instanceof DamagedMark ? new BrokenHistory(`${error.message} ${CURE}`) : error;
  });
  if (mark !== undefined) return { mark };
  const meshes = await meshesIn(storeOf(dataDir));
  if (meshes.length > 0 || (await isThere(join(dataDir, 'gateway.id')))) {
    const missing = `high-water.json is missing in ${dataDir}: what was acknowledged is not known.`;
    throw new BrokenHistory(`${missing} ${CURE}`);
  }
  await resetHighWater(dataDir, NOTHING_YET);
  return { mark: NOTHING_YET };
}

/**
 * The loss that was accepted and not yet told to the log; what was begun of it is ended first.
 * Undefined when there is none.
 */
async function pendingLoss(dataDir: string, now: number) {
  const text = await readIfThere(planFile(dataDir));
  if (text === undefined) return undefined;
  // Earlier versions wrote only that it was accepted.
  if (planIn(text) === undefined) await salvageLog(dataDir, now);
  await endPlan(dataDir);
  const plan = planIn((await readIfThere(planFile(dataDir))) ?? '');
  return {
    mark: plan?.mark ?? NOTHING_YET,
    forget: () => rm(planFile(dataDir), { force: true }),
  };
}

/** A mark that this user may not read is whole, for all we know. */
function whenDamaged<T>(then: () => T): (error: unknown) => T {
  return error => {
    if (error instanceof DamagedMark) return then();
    throw error;
  };
}

/** Whatever lies in its place; a directory could not even be written over. */
async function setMarkAside(dataDir: string, suffix: string): Promise<undefined> {
  await rename(markFile(dataDir), join(dataDir, `high-water.damaged-${suffix}`));
}

function lossOf(
  mark: HighWaterMark | undefined,
  commits: number,
  vouched: number,
  last: number,
): AcceptedLoss['lost'] {
  const events = mark?.events === undefined ? undefined : Math.max(0, mark.events - vouched);
  return { commits: last - commits, ...(events !== undefined && { events }) };
}

async function writePlan(dataDir: string, plan: Plan): Promise<void> {
  await writeDurably(planFile(dataDir), `${JSON.stringify(plan)}\n`);
  await syncDirectory(dataDir);
}

/** Each step may have been done already by one who was killed after it. */
async function endPlan(dataDir: string): Promise<void> {
  const { aside, fresh, mark } = planIn((await readIfThere(planFile(dataDir))) ?? '') ?? {};
  const store = storeOf(dataDir);
  const isAside = aside === undefined || (await isThere(join(dataDir, aside)));
  if (!isAside && (await isThere(store))) await rename(store, join(dataDir, aside));
  if (fresh !== undefined && (await isThere(join(dataDir, fresh)))) {
    await rename(join(dataDir, fresh), store);
    await syncDirectory(dataDir);
    await resetHighWater(dataDir, mark ?? NOTHING_YET);
  }
}

/** Copies that somebody was killed over before there was a plan to use them, all still in store. */
async function dropUnfinished(dataDir: string): Promise<void> {
  if ((await meshesIn(storeOf(dataDir))).length === 0) return;
  const names = (await readdir(dataDir)).filter(name => name.startsWith(FRESH));
  for (const name of names) await rm(join(dataDir, name), { recursive: true });
}

function planIn(text: string): Plan | undefined {
  try {
    const plan = JSON.parse(text);
    if (typeof plan !== 'object' || plan === null) return undefined;
    const { aside = `${ASIDE}x`, fresh = `${FRESH}x` } = plan;
    const isOurs = isNamed(aside, ASIDE) && isNamed(fresh, FRESH);
    return isOurs ? plan : undefined;
  } catch {
    return undefined;
  }
}

function hasFiles(path: string): Promise<boolean> {
  return readdir(path).then(
    names => names.length > 0,
    () => false,
  );
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
