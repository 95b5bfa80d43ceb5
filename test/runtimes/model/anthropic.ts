// The Messages API, which Claude Code speaks.
import { type Block, type Dialect, newId, type Said } from './dialect.js';
import { type Fields, listOf, textOf } from './reading.js';

const USAGE = { input_tokens: 100, output_tokens: 20 };

function blocksOf(role: string, content: unknown): Block[] {
  return listOf(content).flatMap(block => {
    if (block.type === 'tool_result') return blocksOf('tool', block.content);
    const text = typeof block.text === 'string' ? block.text : textOf(block);
    return [{ role: role === 'assistant' ? 'model' : role, text }];
  });
}

function contentOf({ text, uses }: Said): Fields[] {
  const words = text !== '' || uses.length === 0 ? [{ type: 'text', text }] : [];
  const calls = uses.map(({ name, input }) => {
    return { type: 'tool_use', id: newId('toolu'), name, input };
  });
  return [...words, ...calls];
}

/** Each block begins empty, and comes in one piece. */
function streamed(content: readonly Fields[]) {
  return content.flatMap((block, index) => {
    const isText = block.type === 'text';
    const delta = isText
      ? { type: 'text_delta', text: block.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
    const empty = { ...block, ...(isText ? { text: '' } : { input: {} }) };
    return [
      { type: 'content_block_start', index, content_block: empty },
      { type: 'content_block_delta', index, delta },
      { type: 'content_block_stop', index },
    ];
  });
}

/** https://platform.claude.com/docs/en/api/messages */
export const anthropic: Dialect = {
  name: 'anthropic',
  takes: path => path.endsWith('/v1/messages'),
  shown: ({ system, messages }) => [
    ...blocksOf('system', system),
    ...listOf(messages).flatMap(({ role, content }) => blocksOf(textOf(role), content)),
  ],
  tools: ({ tools }) => listOf(tools).map(({ name }) => textOf(name)),
  write(said, { body }) {
    const content = contentOf(said);
    const stop_reason = said.uses.length > 0 ? 'tool_use' : 'end_turn';
    const message = {
      id: newId('msg'),
      type: 'message',
      role: 'assistant',
      model: body.model,
      stop_sequence: null,
      usage: USAGE,
    };
    if (body.stream !== true) return { json: { ...message, content, stop_reason } };
    const events = [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
      ...streamed(content),
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: USAGE },
      { type: 'message_stop' },
    ];
    return { events: events.map(each => ({ name: each.type, data: JSON.stringify(each) })) };
  },
};
