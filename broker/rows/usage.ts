// The rows of the usage.

export type UsageSnapshot = Record<string, never>;

export class UsageRows {
  toSnapshot(): UsageSnapshot {
    return {};
  }

  static fromSnapshot(_: UsageSnapshot): UsageRows {
    return new UsageRows();
  }
}
