// The bounds of views: what is remembered of changes, and how watching is paced; the unit is last.

export const viewLimits = {
  view_columns_items: 64,
  view_changes_items: 131_072,
  view_commits_items: 65_536,
  /** Of the commits that a start replays, the newest whose changes are kept. */
  view_replay_commits: 1_024,
  view_frame_bytes: 262_144,
  view_every_ms: 100,
  view_turn_ms: 10,
  view_rest_ratio: 4,
  view_groups_items: 4_096,
  view_rows: 1_000_000,
  view_bytes: 67_108_864,
  view_full_retry_s: 10,
  view_left_items: 65_536,
  view_stall_ms: 10_000,
  view_seen_step_ms: 60_000,
} as const;
