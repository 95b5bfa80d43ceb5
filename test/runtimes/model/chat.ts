// The Chat Completions API, by which OpenCode speaks to a server that is compatible with it.
import { type Block, type Dialect, newId } from './dialect.js';
import { type Fields, listOf, textOf } from './reading.js';

const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

function blocksOf({ role, content, tool_calls }: Fields): Block[] {
  const who = role === 'assistant' ? 'model' : textOf(role);
  return [
    ...listOf(content).map(part => ({ role: who, text: textOf(part.text ?? part) })),
    ...listOf(tool_calls).map(call => ({ role: who, text: textOf(call.function) })),
  ];
}

/** https://platform.openai.com/docs/api-reference/chat */
export const chat: Dialect = {
  name: 'chat',
  takes: path => path.endsWith('/chat/completions'),
  shown: ({ messages }) => listOf(messages).flatMap(blocksOf),
  tools: ({ tools }) => listOf(tools).map(tool => textOf((tool.function as Fields)?.name)),
  write({ text, uses }, { body }) {
    const tool_calls = uses.map(({ name, input }, index) => {
      const call = { name, arguments: JSON.stringify(input) };
      return { index, id: newId('call'), type: 'function', function: call };
    });
    const called = tool_calls.length > 0 ? { tool_calls } : {};
    const finish_reason = tool_calls.length > 0 ? 'tool_calls' : 'stop';
    const common = { id: newId('chatcmpl'), created: 0, model: body.model };
    if (body.stream !== true) {
      const message = { role: 'assistant', content: text || null, ...called };
      const choices = [{ index: 0, message, finish_reason }];
      return { json: { ...common, object: 'chat.completion', choices, usage: USAGE } };
    }
    const chunk = (delta: object, finish_reason: string | null, more = {}) => ({
      ...{ ...common, object: 'chat.completion.chunk' },
      ...{ choices: [{ index: 0, delta, finish_reason }], ...more },
    });
    const chunks = [
      chunk({ role: 'assistant', content: text, ...called }, null),
      chunk({}, finish_reason, { usage: USAGE }),
    ];
    return { events: [...chunks.map(each => JSON.stringify(each)), '[DONE]'].map(toEvent) };
  },
};

function toEvent(data: string) {
  return { data };
}
