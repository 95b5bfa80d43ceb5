// Bounds of the state: what the views keep, and how long; a snapshot stands only under the same.
import { webhookStateLimits } from './limits-webhook.js';

export const stateLimits = {
  // Time and identity.
  clock_ahead_ms: 60_000,
  clock_skew_ms: 5_000,
  clock_step_ms: 20_000,
  clock_slew_ratio: 0.05,
  command_memory_ids: 1_000_000,
  boot_silence_ms: 10_000,
  boot_lost_ms: 30_000,
  answer_wait_ms: 10_000,

  // What the views keep hot.
  asks_closed_rows: 10_000,
  asks_closed_chars: 16_777_216,
  asks_open_rows: 10_000,
  messages_ended_rows: 10_000,
  inbox_items: 10_000,
  inbox_chars: 33_554_432,
  digest_lines: 20,
  digest_line_chars: 160,
  hops: 16,
  reply_hops: 64,
  chains_rows: 100_000,
  description_ttl_s: 900,
  description_ttl_max_s: 604_800,
  post_presence_ms: 60_000,
  peer_gone_ms: 2_592_000_000,
  peer_gone_step_ms: 3_600_000,
  turn_text_chars: 500,
  groups_rows: 2_000,

  // Jobs.
  job_lease_s: 300,
  job_lease_max_s: 86_400,
  job_attempts_items: 3,
  job_attempts_max_items: 100,
  job_notes_items: 20,
  job_note_chars: 4_096,
  job_result_bytes: 65_536,
  job_notice_chars: 2_000,
  job_handoff_chars: 8_000,
  jobs_open_rows: 50_000,
  jobs_ended_rows: 10_000,
  jobs_ended_chars: 16_777_216,

  // Schedules.
  schedules_rows: 10_000,
  schedules_chars: 33_554_432,
  schedules_ended_rows: 5_000,
  schedules_ended_chars: 16_777_216,
  schedule_late_ms: 60_000,
  schedule_catch_up_items: 100,
  schedule_skip_items: 1_000,
  schedule_passed_items: 10_000,
  schedule_turn_items: 2_000,
  schedule_history_items: 50,
  schedule_upcoming_items: 5,

  // Watches.
  watches_rows: 200,
  /** Half of what there is. */
  watches_circle_rows: 1_000,
  watches_mesh_rows: 2_000,
  watches_ended_rows: 1_000,
  watch_causes_items: 1_000,
  watch_about_items: 20,
  watch_lines: 10,
  watch_message_chars: 8_192,
  watch_text_bytes: 4_096,
  watch_depth_items: 100_000,
  watch_wait_s: 2_592_000,
  /** A millionth, which is how exactly cost is counted. */
  watch_cost_usd: 0.000_001,
  watch_quiet_s: 60,
  watch_quiet_max_s: 604_800,

  // Reviews and usage.
  reviews_rows: 10_000,
  review_peers_items: 256,
  review_ask_ms: 1_500,
  review_wait_ms: 2_000,
  review_renew_ms: 3_600_000,
  deliveries_ids: 10_000,
  review_moves_rows: 1_000,
  review_repos_rows: 10_000,
  review_moves_hops: 32,
  review_former_items: 8,
  review_settled_ms: 2_000,
  usage_days_rows: 40,
  usage_models_items: 8,
  usage_turn_tokens: 1_000_000_000,
  usage_turn_usd: 10_000,
  budget_usd: 1_000_000_000,
  budgets_rows: 10_000,

  // Boards.
  boards_rows: 10_000,
  boards_chars: 16_777_216,
  board_chars: 1_024,
  board_item_chars: 256,
  board_ref_chars: 512,
  board_links_items: 32,

  // Leases of files: how long, by whom, and how much of them.
  lease_ttl_s: 1_800,
  lease_ttl_min_s: 10,
  lease_ttl_max_s: 86_400,
  /** Who lost its connection has so long to come back. */
  lease_away_ms: 600_000,
  lease_paths_items: 256,
  lease_path_levels: 64,
  lease_paths_rows: 2_000,
  lease_peer_chars: 1_048_576,
  /** All of one circle: half of what there is. */
  lease_circle_paths_rows: 10_000,
  lease_circle_chars: 8_388_608,
  leases_paths_rows: 20_000,
  leases_chars: 16_777_216,
  lease_told_items: 20,

  // Recurrence.
  cron_chars: 256,
  cron_known_rows: 1_024,

  ...webhookStateLimits,
} as const;
