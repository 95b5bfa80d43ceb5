// What a spawned session has left behind, and what became of it.

/** One thing. */
export interface LeftOver {
  spawn?: string;
  /** The session's name. */
  name: string;
  what: 'session' | 'worktree' | 'branch' | 'terminal' | 'peer' | 'files';
  where?: string;
  /** `removable` where only looked at. */
  outcome: 'removed' | 'removable' | 'kept';
  /** Every reason for which it is kept, each with its name first. */
  why?: string[];
}
