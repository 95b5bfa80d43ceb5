// What a verification of the stored log is asked, and what it found, as plain data.
export interface VerifyRequest {
  /** Commits, both inclusive; beyond the newest folded one nothing is verified. */
  from: number;
  to: number;
}

/** What was verified, as plain data. */
export interface Verified {
  ok: boolean;
  /** The first and the last commit that were held to something. */
  from: number;
  to: number;
  /** How many events they have. */
  events: number;
  /** The first position that may be bad. */
  first_bad?: number;
  reason?: string;
  /** Checkpoints that fit, by key the furthest commit. */
  signed: Record<string, number>;
}
