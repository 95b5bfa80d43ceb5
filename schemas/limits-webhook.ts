// Bounds of outgoing webhooks: what they keep, how long an attempt takes, when it is made again.

/** Those of the state: a snapshot stands only under the same. */
export const webhookStateLimits = {
  webhooks_rows: 64,
  webhook_keys_items: 3,
  dead_letters_rows: 1_000,
  /** After so many letters in a row that died the receiver is taken for dead, too. */
  dead_letters_items: 3,
} as const;

export const webhookLimits = {
  outgoing_types_items: 64,
  outgoing_secret_min_bytes: 24,
  outgoing_secret_max_bytes: 64,
  outgoing_overlap_s: 86_400,
  outgoing_overlap_max_s: 2_592_000,
  // One attempt: until its answer is there as a whole, and what is read of that.
  outgoing_attempt_ms: 15_000,
  outgoing_lookup_ms: 5_000,
  outgoing_answer_bytes: 65_536,
  outgoing_idle_ms: 10_000,
  // The next one: 5 s, 15 s, 45 s, … with jitter; ten take about ten hours.
  outgoing_attempts_items: 10,
  outgoing_retry_ms: 5_000,
  outgoing_retry_growth_ratio: 3,
  outgoing_retry_max_ms: 21_600_000,
  outgoing_retry_after_max_ms: 86_400_000,
  // What is read ahead for one receiver, and kept in memory of the newest commits for all.
  outgoing_page_items: 256,
  outgoing_page_bytes: 262_144,
  outgoing_recent_bytes: 1_048_576,
  outgoing_gather_ms: 20,
  // How much may be delivered again after a kill: progress is written once so much has come up.
  outgoing_progress_ms: 10_000,
  outgoing_progress_items: 100,
  outgoing_scan_commits: 16_384,
  // How long after a secret was not found it is looked for again.
  outgoing_look_ms: 10_000,
} as const;
