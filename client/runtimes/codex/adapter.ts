// The adapter of Codex: its hook events, and the outputs that reach its model.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { Adapter } from '../adapter.js';

/** One field that it does not know, and Codex drops the whole output without a word. */
export const codex: Adapter = {
  runtime: 'Codex',
  capabilities: { drain: true, keep_going: true, wake_idle: true, steer: false },
  wake: 'queue',
  events: {
    SessionStart: { moment: 'start' },
    UserPromptSubmit: { moment: 'prompt' },
    PostToolUse: { moment: 'tool' },
    // Here its cut cannot be turned off.
    Stop: { moment: 'stop', proves: true, max_bytes: limits.hook_codex_stop_bytes },
    SessionEnd: { moment: 'end' },
    PermissionRequest: { moment: 'permission' },
  },
  shell: session => ({ CODEX_THREAD_ID: session }),
  output({ event, text }) {
    if (text === '') return undefined;
    if (event === 'Stop') return { decision: 'block', reason: text };
    return { hookSpecificOutput: { hookEventName: event, additionalContext: text } };
  },
  // It fails what has `interrupt`, `updatedInput` or `updatedPermissions`.
  decide(event, denied) {
    const decision =
      denied === undefined ? { behavior: 'allow' } : { behavior: 'deny', message: denied };
    return { hookSpecificOutput: { hookEventName: event, decision } };
  },
};
