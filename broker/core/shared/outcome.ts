// What became of a command in the log, as its answer needs it.

/** What the fold made of the command, now or the first time it came. */
export interface Outcome {
  position: number;
  reason?: string | undefined;
  detail: number;
}
