// The rows of the schedules.

export type SchedulesSnapshot = Record<string, never>;

export class ScheduleRows {
  toSnapshot(): SchedulesSnapshot {
    return {};
  }

  static fromSnapshot(_: SchedulesSnapshot): ScheduleRows {
    return new ScheduleRows();
  }
}
