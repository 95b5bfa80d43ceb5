// Tools for asks and messages: ask, reply, notify, and their kin to many.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { deliveryText, waitingText } from '../../runtimes/when-seen.js';
import { methodTool, type Tool } from '../tool.js';
import { quote, wordsOf } from '../words.js';

const TO = 'A peer, by name or id.';
const CIRCLE = 'Where the name is looked up.';
const QUESTION = 'How the answer should look; a choice or a permission may name its options.';

const ask = methodTool({
  name: 'ask',
  method: 'ask.open',
  fields: 'to text question deadline_at reply_to circle',
  help: 'Ask a peer something that must be answered or closed. Returns at once.',
  effect: 'says',
  words: {
    to: TO,
    text: 'A brief that stands by itself.',
    question: QUESTION,
    reply_to: 'An ask to you that this one answers and closes.',
    circle: CIRCLE,
  },
  tell: ({ ask, ...sent }) => ({
    ask,
    delivery: deliveryText(sent),
    next: `go on; the reply comes by inbox, or wait for it: wait_for_reply ask=${ask}`,
  }),
});

const reply = methodTool({
  name: 'reply',
  method: 'ask.close',
  fields: 'ask outcome text option',
  help:
    'Close an ask: replied, acknowledged (done, no words needed), declined or denied; ' +
    'cancelled takes back one of your own.',
  effect: 'says',
  words: { ask: 'ask_<id>', outcome: '', text: 'Your answer.', option: 'Of a choice: its id.' },
  tell: (_, { args }) => ({
    ask: `${args.ask}`,
    closed: `${args.outcome}`,
    next: 'nothing more to do for it; the other side is told by its inbox',
  }),
});

const notify = methodTool({
  name: 'notify',
  method: 'notify.send',
  fields: 'to text expires_at supersedes circle',
  help: 'Tell a peer something that needs no answer.',
  effect: 'says',
  words: { to: TO, text: '', supersedes: 'An earlier msg_<id> that it replaces.', circle: CIRCLE },
  tell: ({ message, ...sent }) => ({
    message,
    delivery: deliveryText(sent),
    next: `nothing to wait for; trace ref=${message} (through more) tells whether it was seen`,
  }),
});

const broadcast = methodTool({
  name: 'broadcast',
  method: 'broadcast.send',
  fields: 'text circle',
  help: 'Tell every other peer of a circle.',
  effect: 'says',
  tell: ({ message, recipients }) => ({
    message,
    recipients,
    next: 'nothing to wait for; it lies in their inboxes',
  }),
});

const askMany = methodTool({
  name: 'ask_many',
  method: 'ask.fan_out',
  fields: 'to text question deadline_at quorum circle',
  help: 'Ask many peers the same in one go.',
  effect: 'says',
  words: { question: QUESTION, circle: CIRCLE },
  tell: ({ group, asks }) => ({
    group,
    asks: asks.length,
    next: `the replies come by inbox; ask_many_result group=${group} gathers them`,
  }),
});

const askManyResult = methodTool({
  name: 'ask_many_result',
  method: 'ask.rollup',
  fields: 'group',
  help: 'The answers to an ask_many so far.',
  effect: 'reads',
  tell: ({ group, state, answered, rows }) => ({
    group,
    state,
    answered,
    of: rows.length,
    rows: rows.map(({ name, peer, ask, status, reply }) => ({
      peer: name ?? peer,
      ask,
      status,
      option: quote(reply?.option),
      text: quote(reply?.text),
    })),
    next:
      state === 'pending' || state === 'partial'
        ? 'some have yet to answer; look again later'
        : 'a long text whole: thread ref=<ask>',
  }),
});

const retract = methodTool({
  name: 'retract',
  method: 'message.retract',
  fields: 'message',
  help: 'Take a message back from those who have not yet seen it.',
  effect: 'ends',
  tell: (_, { args }) => ({
    message: `${args.message}`,
    next: 'whoever had seen it keeps it; trace tells who had',
  }),
});

const trace = methodTool({
  name: 'trace',
  method: 'message.trace',
  fields: 'ref',
  help: 'What became of an ask or message: accepted, offered, handed, seen, closed.',
  effect: 'reads',
  tell: ({ stages, waiting }, { args }) => ({
    ref: `${args.ref}`,
    stages: stages.map(({ stage, time, by_name }) => ({
      stage,
      time: new Date(time).toISOString(),
      by: by_name,
    })),
    waits: waiting
      ?.slice(0, limits.mcp_rows_items)
      .map(each => ({ for: each.to_name ?? each.to, why: waitingText(each) })),
    next: 'handed is not seen: a later sign of that session proves it',
  }),
});

/** Always loaded. */
export const askingTools: readonly Tool[] = [ask, reply, notify];
/** Behind `more`. */
export const moreAskingTools: readonly Tool[] = [broadcast, askMany, askManyResult, retract, trace];

/** How the answer to an ask reads, its words behind a fence. */
export function answerWords(ask: string, by: string, text: string | undefined) {
  return wordsOf(by, text, `thread ref=${ask} (through more)`);
}
