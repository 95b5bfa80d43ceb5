// What the doctor finds: a row for each thing that was looked at, its cure, and how it is mended.
import { setTimeout as sleep } from 'node:timers/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';

/** One thing that was looked at. A remark is `ok` and has a cure: it works, and could be better. */
export interface Finding {
  what: string;
  ok: boolean;
  detail: string;
  /** What to do about it; absent when all is well. */
  cure?: string;
  /** Does what `--fix` promises, and says how it is now. Rejects where it cannot. */
  mend?: () => Promise<string>;
}

/** A finding as scripts are given it. */
export interface FindingRow extends Omit<Finding, 'mend'> {
  /** True for a fault that `--fix` would cure. */
  fixable?: true;
  /** True for one that it has just cured. */
  fixed?: true;
}

/** What is as it should be. */
export function well(what: string, detail: string): Finding {
  return { what, ok: true, detail };
}

/** What works, and what would be better. */
export function remark(what: string, detail: string, cure: string): Finding {
  return { what, ok: true, detail, cure };
}

/** What is not as it should be, and what to do about it. */
export function fault(what: string, detail: string, cure: string): Finding {
  return { what, ok: false, detail, cure };
}

/** The fault of something that ended with an error, whose own hint is the cure if it has one. */
export function faultOf(what: string, error: unknown, cure: string): Finding {
  const hint = error instanceof Failure ? error.hint : undefined;
  // A hint that leads here leads nowhere.
  const isUseful = hint !== undefined && !hint.includes('signalbox doctor');
  return fault(what, why(error), isUseful ? hint : cure);
}

/** A look: what it is called when it fails or takes too long, and what it finds. */
export type LookAt = readonly [what: string, look: () => Promise<readonly Finding[]>];

/** All looks at once, their findings in order; none hangs and none ends the others. */
export async function lookAtAll(looks: readonly LookAt[]): Promise<Finding[]> {
  const found = looks.map(async ([what, look]) => {
    const over = new AbortController();
    const late = sleep(limits.doctor_look_ms, undefined, { signal: over.signal }).then(
      () => [fault(what, `no answer within ${limits.doctor_look_ms / 1_000} s`, SLOW)],
      () => [],
    );
    try {
      return await Promise.race([look(), late]);
    } catch (error) {
      return [faultOf(what, error, 'see to that, then look again')];
    } finally {
      over.abort();
    }
  });
  return (await Promise.all(found)).flat();
}

const SLOW = 'look again when the machine is less busy; a disk or network may hang';

/** Mends each fault that can be; for each one that was tried, how it went. */
export async function mendAll(findings: readonly Finding[]): Promise<Finding[]> {
  const tried: Finding[] = [];
  // One by one: two may be about the same file.
  for (const finding of findings) {
    if (finding.ok || finding.mend === undefined) continue;
    tried.push(await mended(finding, finding.mend));
  }
  return tried;
}

async function mended(finding: Finding, mend: () => Promise<string>): Promise<Finding> {
  const { mend: _, ...wrong } = finding;
  try {
    return well(wrong.what, await mend());
  } catch (error) {
    return { ...wrong, detail: `${wrong.detail}; it could not be fixed: ${why(error)}` };
  }
}

/**
 * The rows after mending: what a second look found, which has the last word, and with it what was
 * done; what is no longer to be seen is told too.
 */
export function rowsAfter(tried: readonly Finding[], again: readonly Finding[]): FindingRow[] {
  const done = new Map(tried.map(finding => [finding.what, finding]));
  const rows = again.map((finding): FindingRow => {
    const before = done.get(finding.what);
    done.delete(finding.what);
    if (before === undefined) return rowOf(finding);
    if (!finding.ok) return rowOf(before.ok ? finding : before);
    return before.ok ? { ...rowOf(finding), detail: before.detail, fixed: true } : rowOf(finding);
  });
  const gone = [...done.values()];
  return [
    ...rows,
    ...gone.map(each => ({ ...rowOf(each), ...(each.ok && { fixed: true as const }) })),
  ];
}

/** The row of a finding that was not mended. */
export function rowOf({ mend, ...finding }: Finding): FindingRow {
  return { ...finding, ...(mend !== undefined && !finding.ok && { fixable: true }) };
}
