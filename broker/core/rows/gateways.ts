// The rows of the gateways that serve the mesh: which boots are alive, and when each last spoke.
import { rowsByKey } from './key-order.js';

/** As it is handed out, once: it stands. */
export interface GatewayRow {
  boot: string;
  gateway: string;
  started_at: number;
}

/** With what changes with every commit of its boot, in place. */
export interface GatewayState extends GatewayRow {
  /** Log time of its newest commit. */
  last_seen: number;
  /** The number of its newest commit: a commit seen twice folds once. */
  commit: number;
}

/**
 * One row a boot that is alive. A boot counts its commits, so one that the log holds twice folds
 * once: at-least-once appends, exactly-once effects.
 */
export class GatewayRows {
  readonly rows = new Map<string, GatewayState>();

  /** Notes a commit of a boot. False when this very commit was folded before. */
  heard(boot: string, commit: number, time: number): boolean {
    const row = this.rows.get(boot);
    if (row === undefined) return true;
    if (commit <= row.commit) return false;
    row.commit = commit;
    row.last_seen = time;
    return true;
  }

  toSnapshot(): GatewayState[] {
    return rowsByKey(this.rows).map(row => ({ ...row }));
  }

  static fromSnapshot(rows: readonly GatewayState[]): GatewayRows {
    const gateways = new GatewayRows();
    for (const row of rows) gateways.rows.set(row.boot, { ...row });
    return gateways;
  }
}
