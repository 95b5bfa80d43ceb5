// The age of this process: a monotonic clock that needs no loading, as `performance` does.

/** How long this process runs, in ms. */
export function age_ms(): number {
  return process.uptime() * 1_000;
}
