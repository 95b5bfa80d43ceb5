// The adapter of OpenCode: the hooks of its plugin, which are functions, and what they mean.
import type { Adapter } from '../adapter.js';

/**
 * https://opencode.ai/docs/plugins. None of its events proves anything by itself: the plugin sees
 * each request of the model before it is sent, so `placements.ts` judges by what stood in it.
 */
export const openCode: Adapter = {
  runtime: 'OpenCode',
  capabilities: { drain: true, keep_going: true, wake_idle: true, steer: true },
  events: {
    'session.created': { moment: 'start' },
    'chat.message': { moment: 'prompt' },
    'tool.execute.after': { moment: 'tool' },
    'experimental.text.complete': { moment: 'stop' },
    'session.idle': { moment: 'stop' },
    'session.error': { moment: 'failed' },
    'session.deleted': { moment: 'end' },
  },
  shell: session => ({ OPENCODE: '1', OPENCODE_SESSION_ID: session }),
  // Marked as not typed by the user; else it is passed on in a frame that says that they sent it.
  output({ text }) {
    return text === '' ? undefined : { type: 'text', text, synthetic: true };
  },
};

/** The argument of our MCP tools by which the plugin tells whose session calls. */
export const SESSION_ARGUMENT = 'signalbox_session';
