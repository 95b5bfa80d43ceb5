// The adapter of Gemini CLI: its hook events, and the outputs that reach its model.
import type { Adapter } from '../adapter.js';

/** Its shells tell no session apart, so all sessions of a work tree speak as one peer. */
export const gemini: Adapter = {
  runtime: 'Gemini CLI',
  capabilities: { drain: true, keep_going: true, wake_idle: false, steer: false },
  events: {
    SessionStart: { moment: 'start' },
    BeforeAgent: { moment: 'prompt' },
    AfterTool: { moment: 'tool' },
    AfterAgent: { moment: 'stop', proves: true },
    SessionEnd: { moment: 'end' },
  },
  shell: () => ({ GEMINI_CLI: '1' }),
  // A reason comes to the model as bare words of the user: the frame of the mail is the only one.
  output({ event, text }) {
    if (text === '') return undefined;
    if (event === 'AfterAgent') return { decision: 'deny', reason: text };
    return { hookSpecificOutput: { hookEventName: event, additionalContext: text } };
  },
};
