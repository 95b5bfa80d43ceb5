// The rows of the jobs.

export type JobsSnapshot = Record<string, never>;

export class JobRows {
  toSnapshot(): JobsSnapshot {
    return {};
  }

  /** How many there are in each state, in the circles that are covered. */
  countsOf(_covers: (circle: string) => boolean): Record<string, number> {
    return {};
  }

  static fromSnapshot(_: JobsSnapshot): JobRows {
    return new JobRows();
  }
}
