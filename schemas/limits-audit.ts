// Bounds of the audit: checkpoints, verification, exports and backups.

export const auditLimits = {
  // When the history is signed, and what is remembered to hold a checkpoint to.
  checkpoint_every_ms: 600_000,
  checkpoint_first_ms: 60_000,
  checkpoint_every_commits: 16_384,
  checkpoint_recent_commits: 64,
  checkpoint_points_rows: 64,
  checkpoint_keys_rows: 64,
  checkpoint_states_rows: 16,

  // Reading the history again.
  verify_digests_rows: 16_384,
  verify_slice_events: 1_000_000,
  verify_slice_ms: 10_000,
  verify_turn_ms: 10,
  verify_calls: 2,

  // Exports and backups.
  export_calls: 2,
  export_waiting_calls: 16,
  export_page_bytes: 1_048_576,
  export_line_bytes: 67_108_864,
  export_fields_items: 32,
  export_progress_ms: 500,
  restore_block_bytes: 4_194_304,
} as const;
