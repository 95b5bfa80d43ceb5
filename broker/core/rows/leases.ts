// The rows of the leases: who holds which files until when, indexed by holder, path and end.
import type { LeaseRow } from '../../../schemas/lease.js';
import { limits } from '../../../schemas/limits.js';
import { type Hold, PathIndex } from './path-index.js';
import { TimerQueue } from './timer-queue.js';

/** Never changed in place: each change makes a new row, so a row that was handed out stands. */
export interface LeaseState extends Omit<LeaseRow, 'by_name' | 'paths'> {
  paths: readonly string[];
  /** It was taken over a connection, and so ends some time after that is lost. */
  attended: boolean;
}

/** What a lease weighs: its paths, and the characters of all that it says. */
interface Load {
  paths: number;
  chars: number;
}

/**
 * The leases that have not ended, bounded by `isFull`. A path that its peer takes again belongs to
 * the newer lease; one without paths is gone.
 */
export class LeaseRows {
  /** Oldest first. */
  readonly rows = new Map<string, LeaseState>();
  /** How often something became free: it tells who waits that it may look, and is no state. */
  freed = 0;
  /** When each is over. */
  readonly ends = new TimerQueue();
  readonly #byPeer = new Map<string, Set<string>>();
  readonly #projects = new Map<string, PathIndex>();
  /** Of each peer by its id, of each circle by its name and a slash, and of all. */
  readonly #loads = new Map<string, Load>();

  /** The leases of a peer, oldest first. */
  heldBy(peer: string): LeaseState[] {
    return [...(this.#byPeer.get(peer) ?? [])].map(lease => this.rows.get(lease)!);
  }

  /** The peers that hold anything. */
  holders(): string[] {
    return [...this.#byPeer.keys()];
  }

  /** The holds of a project in a circle; undefined where there are none. */
  project(circle: string, project: string): PathIndex | undefined {
    return this.#projects.get(scopeOf(circle, project));
  }

  /**
   * True when a peer may not hold so many paths more in a circle, with so many characters of all
   * there is. One circle cannot take the places of all others.
   */
  isFull(peer: string, circle: string, paths: number, chars: number): boolean {
    const own = this.#loads.get(peer) ?? EMPTY;
    const all = this.#loads.get(ALL) ?? EMPTY;
    const near = this.#loads.get(`${circle}/`) ?? EMPTY;
    return (
      own.paths + paths > limits.lease_paths_rows ||
      own.chars + chars > limits.lease_peer_chars ||
      near.paths + paths > limits.lease_circle_paths_rows ||
      near.chars + chars > limits.lease_circle_chars ||
      all.paths + paths > limits.leases_paths_rows ||
      all.chars + chars > limits.leases_chars
    );
  }

  /** Puts a lease that is new, or one with the same paths in place of the one before it. */
  put(row: LeaseState): void {
    const isNew = !this.rows.has(row.lease);
    this.rows.set(row.lease, row);
    this.ends.set(row.lease, endOf(row));
    if (!isNew) return;
    const own = this.#byPeer.get(row.by);
    if (own === undefined) this.#byPeer.set(row.by, new Set([row.lease]));
    else own.add(row.lease);
    const scope = scopeOf(row.circle, row.project);
    const index = this.#projects.get(scope) ?? new PathIndex();
    this.#projects.set(scope, index);
    for (const path of row.paths) index.put({ path, peer: row.by, lease: row.lease });
    this.#weigh(row, 1);
  }

  /** Takes a lease out, if it is there. */
  remove(lease: string): void {
    const row = this.rows.get(lease);
    if (row === undefined) return;
    this.freed++;
    this.rows.delete(lease);
    this.ends.delete(lease);
    const own = this.#byPeer.get(row.by);
    own?.delete(row.lease);
    if (own?.size === 0) this.#byPeer.delete(row.by);
    const scope = scopeOf(row.circle, row.project);
    const index = this.#projects.get(scope);
    for (const path of row.paths) index?.delete(path, row.by);
    if (index?.isEmpty) this.#projects.delete(scope);
    this.#weigh(row, -1);
  }

  /** Takes paths out of their leases, and those leases that are emptied so. */
  drop(holds: readonly Hold[]): void {
    const gone = new Map<string, Set<string>>();
    for (const { lease, path } of holds) {
      const paths = gone.get(lease);
      if (paths === undefined) gone.set(lease, new Set([path]));
      else paths.add(path);
    }
    for (const [lease, paths] of gone) this.#shrink(lease, paths);
  }

  toSnapshot(): LeaseState[] {
    return [...this.rows.values()];
  }

  static fromSnapshot(rows: readonly LeaseState[]): LeaseRows {
    const leases = new LeaseRows();
    for (const row of rows) leases.put(row);
    return leases;
  }

  /** A row with fewer paths keeps its place among the others. */
  #shrink(lease: string, gone: ReadonlySet<string>): void {
    const row = this.rows.get(lease);
    const paths = row?.paths.filter(path => !gone.has(path)) ?? [];
    if (row === undefined || paths.length === 0) {
      this.remove(lease);
      return;
    }
    this.freed++;
    const kept = { ...row, paths };
    const index = this.project(row.circle, row.project);
    for (const path of gone) index?.delete(path, row.by);
    this.#weigh(row, -1);
    this.#weigh(kept, 1);
    this.rows.set(lease, kept);
  }

  #weigh(row: LeaseState, sign: 1 | -1): void {
    const chars = charsOf(row);
    for (const key of [row.by, `${row.circle}/`, ALL]) {
      const { paths, chars: before } = this.#loads.get(key) ?? EMPTY;
      const load = { paths: paths + sign * row.paths.length, chars: before + sign * chars };
      if (load.paths === 0) this.#loads.delete(key);
      else this.#loads.set(key, load);
    }
  }
}

const ALL = '*';
const EMPTY: Readonly<Load> = { paths: 0, chars: 0 };

/** When a lease is over, in ms UTC of log time: its time, or its holder's to come back. */
export function endOf({ until, away_until = until }: LeaseState): number {
  return Math.min(until, away_until);
}

/** How many characters a lease says. */
export function charsOf({
  project,
  paths,
  note = '',
}: Pick<LeaseState, 'project' | 'paths' | 'note'>) {
  return paths.reduce((sum, path) => sum + path.length, project.length + note.length);
}

/** No name of a circle holds a slash. */
function scopeOf(circle: string, project: string): string {
  return `${circle}/${project}`;
}
