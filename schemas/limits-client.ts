// Bounds of the client, its command line and its demo.

export const clientLimits = {
  // The client.
  connect_wait_ms: 10_000,
  dial_ms: 10_000,
  dial_next_ms: 5_000,
  vigil_every_ms: 5_000,
  vigil_wait_ms: 5_000,
  post_look_ms: 3_000,
  post_look_wait_ms: 2_000,
  hang_up_ms: 1_000,
  reconnect_first_ms: 200,
  reconnect_max_ms: 15_000,
  steady_ms: 10_000,
  server_silence_ms: 65_000,
  call_wait_ms: 30_000,
  call_retry_first_ms: 100,
  call_retry_max_ms: 5_000,
  post_tries: 4,
  timer_max_ms: 2_147_483_647,
  wait_slice_s: 30,
  wait_look_s: 1,
  wait_grace_ms: 5_000,
  wait_retry_ms: 2_000,
  work_look_ms: 2_000,
  open_calls: 4_096,
  answer_bytes: 67_108_864,
  observe_buffer_bytes: 4_194_304,
  secret_made_chars: 43,

  // The command line.
  cli_patience_ms: 1_000,
  cli_probe_ms: 2_000,
  cli_look_s: 2,
  fault_end_ms: 900,
  cli_stop_ms: 30_000,
  cli_stop_look_ms: 50,
  cli_recent_refs: 500,
  cli_key_chars: 16,
  service_call_ms: 60_000,
  service_ready_ms: 60_000,
  service_look_ms: 300,
  service_tries: 10,
  config_bytes: 65_536,
  cli_log_bytes: 4_194_304,
  cli_log_look_ms: 10_000,
  cli_log_read_bytes: 65_536,
  cli_log_next_ms: 200,

  // Settings of coding agents, as setup edits them.
  setup_file_bytes: 33_554_432,
  setup_link_hops: 16,
  setup_copies_files: 5,
  setup_tries: 3,
  setup_codex_ms: 30_000,
  setup_codex_chars: 4_194_304,
  // What a shell asks while somebody waits with a finger on the tab.
  completion_wait_ms: 1_500,
  completion_rows: 200,
  completion_about_chars: 60,

  // The doctor, who waits for what may hang: a disk, a name, a program that was wired.
  doctor_look_ms: 60_000,
  doctor_program_ms: 10_000,
  // As long as Claude Code waits for a server.
  doctor_server_ms: 30_000,
  doctor_files: 1_000,
  doctor_said_chars: 200,
  // A hook ends by itself within 2 s; what a loaded machine adds to that is not worth a lost text.
  setup_hook_s: 10,
  setup_codex_end_s: 3,
  // Longer than the longest wait of a tool.
  setup_tool_s: 660,
  cli_join_again_ms: 30_000,
  cli_command_chars: 80,

  // Mail as a model reads it. A fence that nobody guesses; what an item needs for its words.
  fence_bytes: 6,
  mail_item_chars: 200,
  mail_reminder_chars: 100,
  mail_reminders_items: 5,
  mail_options_chars: 600,

  // Hooks of coding agents. What was written so long ago has been shown to the model since; a hook
  // so old is none that still runs.
  hook_wait_ms: 1_500,
  hook_follow_ms: 200,
  hook_stdin_bytes: 16_777_216,
  hook_session_chars: 200,
  hook_kept_tries: 8,
  hook_mail_chars: 9_000,
  // Codex shows 2,500 tokens of four bytes.
  hook_codex_stop_bytes: 9_500,
  hook_items: 12,
  hook_items_chars: 7_000,
  hook_fresh_ms: 3_000,
  hook_open_ms: 60_000,
  hook_description_chars: 120,
  hook_description_s: 86_400,
  hook_note_bytes: 65_536,
  hook_notes_items: 100,
  hook_notes_ms: 604_800_000,
  hook_model_chars: 200,
  hook_usage_tokens: 1_000_000_000,
  hook_transcript_bytes: 8_388_608,

  // The plugin of OpenCode. A broker that was too slow is left alone for a while; turns that were
  // begun for mail again and again pause.
  plugin_wait_s: 60,
  plugin_rest_ms: 15_000,
  plugin_pause_ms: 60_000,
  plugin_grace_ms: 3_000,
  plugin_parents_hops: 16,
  plugin_sessions_items: 32,

  // An orchestrator's workspace. Of its block at the start of a session, persona and memory have
  // so much at most, and mail the rest of what a hook may say; a token is counted as four bytes.
  workspace_file_bytes: 65_536,
  workspace_personas_items: 200,
  workspace_persona_tokens: 750,
  workspace_memory_tokens: 800,
  workspace_rules_items: 500,
  workspace_rule_chars: 400,
  workspace_rule_max_chars: 2_000,
  workspace_reason_chars: 300,
  workspace_tags_items: 16,
  workspace_slug_chars: 48,
  token_bytes: 4,

  // Approvals from afar. What the broker takes to say that a deadline has passed; what a hook waits
  // for a broker that went away; what the time-out of a runtime has to leave beside these.
  approval_deadline_s: 300,
  approval_deadline_least_s: 10,
  approval_deadline_max_s: 86_400,
  approval_late_s: 10,
  approval_more_s: 30,
  approval_patience_ms: 10_000,
  approval_close_ms: 5_000,
  approval_retry_ms: 500,
  approval_slice_s: 20,
  approval_slice_more_ms: 10_000,
  approval_look_ms: 1_000,
  approval_humans_items: 16,
  approval_patterns_items: 32,
  approval_input_chars: 48_000,
  approval_line_chars: 400,
  approval_words_chars: 500,
  approval_blanks_chars: 16,

  // The MCP server. Codex cuts answers at 12,000 characters, in the middle; clients give up a call
  // after 60 s.
  mcp_call_ms: 10_000,
  mcp_patience_ms: 5_000,
  mcp_rest_first_ms: 500,
  mcp_rest_max_ms: 15_000,
  mcp_wait_s: 50,
  mcp_wait_max_s: 600,
  mcp_slice_s: 5,
  mcp_slice_least_s: 0.05,
  mcp_inbox_items: 20,
  mcp_mail_chars: 8_000,
  mcp_mail_bytes: 10_000,
  mcp_words_bytes: 7_000,
  mcp_answer_bytes: 11_000,
  mcp_hint_chars: 120,
  mcp_line_bytes: 4_194_304,
  mcp_quote_chars: 200,
  mcp_rows_items: 20,
  mcp_names_items: 100,
  mcp_sessions_items: 16,
  mcp_calls_items: 32,

  // MCP over HTTP. A session that nobody uses is let go, and begins again with its next request
  // until it is too old. Whose stream has ended is gone sooner: its client has hung up.
  mcp_http_sessions_items: 256,
  mcp_http_requests_items: 40,
  mcp_http_idle_ms: 1_800_000,
  mcp_http_gone_ms: 60_000,
  mcp_http_look_ms: 5_000,
  mcp_http_token_ms: 1_000,
  mcp_session_ms: 604_800_000,
  mcp_schema_tokens: 2_500,
  mcp_tools_items: 10,

  // Waking an idle session. How long it listens before it looks by itself; how long a poke is given
  // before the next, ever longer, where one too many costs nothing and where it costs a turn. A
  // session that is busy for so long with mail waiting may have been broken off, and mail that was
  // handed over to one idle for so long was never seen.
  wake_wait_s: 50,
  wake_retry_ms: 5_000,
  wake_tries: 5,
  wake_first_ms: 4_000,
  wake_dear_ms: 60_000,
  wake_max_ms: 900_000,
  wake_look_ms: 2_000,
  wake_broken_off_ms: 60_000,
  wake_unproven_ms: 30_000,
  wake_note_ms: 1_000,
  wake_command_ms: 20_000,
  wake_hooked_ms: 60_000,

  // The demo: how long it rests for its reader, and the times of the play itself.
  demo_line_ms: 80,
  demo_block_ms: 260,
  demo_scene_ms: 340,
  demo_wait_ms: 20_000,
  demo_lease_s: 2,
  demo_ahead_s: 1,
} as const;
