// What the doctor finds: one thing that was looked at, whether it is well, and its cure if not.
/** One thing that was looked at. */
export interface Finding {
  what: string;
  ok: boolean;
  detail: string;
  /** What to do about it; absent when all is well. */
  cure?: string;
  /** True when `--fix` has just cured it. */
  fixed?: boolean;
}

/** What is as it should be. */
export function well(what: string, detail: string): Finding {
  return { what, ok: true, detail };
}

/** What is not, and what to do about it. */
export function fault(what: string, detail: string, cure: string): Finding {
  return { what, ok: false, detail, cure };
}
