// The rows of the schedules.

export type SchedulesSnapshot = Record<string, never>;

export class ScheduleRows {
  toSnapshot(): SchedulesSnapshot {
    return {};
  }

  /** How many there are in each state, in the circles that are covered. */
  countsOf(_covers: (circle: string) => boolean): Record<string, number> {
    return {};
  }

  static fromSnapshot(_: SchedulesSnapshot): ScheduleRows {
    return new ScheduleRows();
  }
}
