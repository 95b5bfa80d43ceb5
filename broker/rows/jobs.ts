// The rows of the jobs.

export type JobsSnapshot = Record<string, never>;

export class JobRows {
  toSnapshot(): JobsSnapshot {
    return {};
  }

  static fromSnapshot(_: JobsSnapshot): JobRows {
    return new JobRows();
  }
}
