// What was done to the parts of a workspace, or would be, as people and scripts read it.
import { unifiedDiff } from '../../setup/diff.js';
import { isToDo } from '../../workspace/make.js';
import type { PartPlan, PartStanding } from '../../workspace/plan.js';
import type { Cli } from '../cli.js';

/** What is said of a part. */
interface ToldPart {
  path: string;
  standing: PartStanding;
  /** What was done, or would be. */
  done: string;
  why?: string;
  diff?: string;
}

export interface TellingOf {
  root: string;
  isDryRun: boolean;
  /** Whether nothing is done at all. */
  isIdle: boolean;
  /** Also what people changed where nothing newer is shipped. */
  withDiffs: boolean;
}

/** Tells it: in a word where all is as usual, else part by part. */
export async function tellParts(
  { terminal }: Cli,
  plans: readonly PartPlan[],
  telling: TellingOf,
  more: object = {},
): Promise<void> {
  const rows = plans.map(plan => toldOf(plan, telling));
  const lines = () => [telling.root, ...linesOf(rows)];
  await terminal.many(rows, lines, 'nothing is shipped', { workspace: telling.root, ...more });
  if (telling.isDryRun && terminal.format === 'people') terminal.say('nothing was written');
}

/** Parts that could not be made, or be brought up to date. */
export function faultyIn(plans: readonly PartPlan[]): readonly PartPlan[] {
  return plans.filter(({ standing }) => standing === 'damaged' || standing === 'blocked');
}

function toldOf(plan: PartPlan, telling: TellingOf): ToldPart {
  const { path, standing, why = reasons[standing] } = plan;
  const diff = diffOf(plan, telling);
  return {
    path,
    standing,
    done: isToDo(plan) && !telling.isIdle ? doing(plan) : left[standing],
    ...(why !== undefined && { why }),
    ...(diff.length > 0 && { diff: diff.join('\n') }),
  };
}

function doing({ standing, isTaken, before }: PartPlan): string {
  if (isTaken) return 'taken as shipped, a copy of yours beside it';
  if (standing === 'surplus') return 'removed';
  if (standing === 'older') return 'brought up to date';
  return before === undefined ? 'made' : 'appended';
}

const left: Readonly<Record<PartStanding, string>> = {
  right: 'as shipped',
  missing: 'missing',
  older: 'of an earlier signalbox',
  surplus: 'no longer shipped',
  edited: 'yours',
  differs: 'left, yours',
  theirs: 'left',
  removed: 'left out',
  damaged: 'left',
  blocked: 'left',
};

const reasons: Readonly<Partial<Record<PartStanding, string>>> = {
  differs: 'you changed it, and a newer one is shipped',
  theirs: 'it was there before',
  removed: 'you removed it',
};

function diffOf(plan: PartPlan, { withDiffs, isDryRun }: TellingOf): string[] {
  const { path, standing, mine, shipped, before, after, isTaken } = plan;
  const isNews = standing === 'differs' || (withDiffs && !isToDo(plan));
  if (isNews && !isTaken && mine !== undefined) return unifiedDiff(path, mine, shipped);
  // What is made anew is read in the file.
  if (!(withDiffs && isDryRun) || after === undefined || before === undefined) return [];
  return unifiedDiff(path, before.bytes.toString('utf8'), after);
}

/** Parts of one fate on one line, skills by name; those with a reason or a diff by themselves. */
function linesOf(rows: readonly ToldPart[]): string[] {
  const plain = rows.filter(({ why, diff }) => why === undefined && diff === undefined);
  const fates = [...new Set(plain.map(({ done }) => done))];
  const grouped = fates.map(fate => {
    const paths = plain.filter(({ done }) => done === fate).map(({ path }) => path);
    return `  ${fate}: ${grouping(paths).join(', ')}`;
  });
  const single = rows
    .filter(row => !plain.includes(row))
    .flatMap(({ path, done, why, diff }) => [
      `  ${path}: ${done}${why === undefined ? '' : ` (${why})`}`,
      ...(diff === undefined ? [] : diff.split('\n').map(line => `    ${line}`)),
    ]);
  return [...grouped, ...single];
}

/** `.agents/skills/{a,b}` for the skills. */
function grouping(paths: readonly string[]): string[] {
  const skills = new Map<string, Set<string>>();
  for (const path of paths) {
    const [, room, name] = /^(\.(?:agents|claude)\/skills)\/([^/]+)/.exec(path) ?? [];
    if (room === undefined || name === undefined) continue;
    skills.set(room, (skills.get(room) ?? new Set()).add(name));
  }
  const others = paths.filter(path => !/^\.(?:agents|claude)\/skills\//.test(path));
  const sets = [...skills].map(([room, names]) => `${room}/{${[...names].join(',')}}`);
  return [...others, ...sets];
}
