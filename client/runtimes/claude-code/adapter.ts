// The adapter of Claude Code: its hook events, and the outputs that reach its model.
import type { Adapter } from '../adapter.js';

/** https://code.claude.com/docs/en/hooks */
export const claudeCode: Adapter = {
  runtime: 'Claude Code',
  capabilities: { drain: true, keep_going: true, wake_idle: true, steer: true },
  wake: 'signal',
  events: {
    SessionStart: { moment: 'start' },
    UserPromptSubmit: { moment: 'prompt' },
    // One for all tools of a step; of PostToolUse there are several, with no request between.
    PostToolBatch: { moment: 'tool', proves: true },
    PostToolUse: { moment: 'tool' },
    Stop: { moment: 'stop', proves: true },
    StopFailure: { moment: 'failed' },
    SessionEnd: { moment: 'end' },
    PermissionRequest: { moment: 'permission' },
    Notification: { moment: 'notice' },
    FileChanged: { moment: 'wake' },
  },
  shell: session => ({ CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: session }),
  // At a stop `additionalContext` keeps the turn going as a block does, without the command line.
  output({ event, text, signal }) {
    const watch = event === 'SessionStart' && signal ? { watchPaths: [signal] } : {};
    const context = text === '' ? {} : { additionalContext: text };
    const said = { ...watch, ...context };
    if (Object.keys(said).length === 0) return undefined;
    return { hookSpecificOutput: { hookEventName: event, ...said } };
  },
  // Also without a terminal, where nobody could be asked. In one its own question stands beside it.
  decide(event, denied) {
    const decision =
      denied === undefined ? { behavior: 'allow' } : { behavior: 'deny', message: denied };
    return { hookSpecificOutput: { hookEventName: event, decision } };
  },
};
