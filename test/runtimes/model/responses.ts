// The Responses API, which Codex speaks.
import { type Block, type Dialect, newId, type Said } from './dialect.js';
import { type Fields, listOf, textOf } from './reading.js';

const USAGE = { input_tokens: 100, output_tokens: 20, total_tokens: 120 };

function blocksOf(item: Fields): Block[] {
  const type = textOf(item.type ?? 'message');
  if (type === 'message') {
    const role = item.role === 'assistant' ? 'model' : textOf(item.role);
    return listOf(item.content).map(({ text }) => ({ role, text: textOf(text) }));
  }
  if (!type.endsWith('_output')) return [{ role: 'model', text: textOf(item) }];
  return listOf(item.output).map(part => ({ role: 'tool', text: textOf(part.text ?? part) }));
}

function itemsOf({ text, uses }: Said): Fields[] {
  const status = 'completed';
  const content = [{ type: 'output_text', text, annotations: [] }];
  const words =
    text !== '' || uses.length === 0
      ? [{ type: 'message', id: newId('msg'), role: 'assistant', status, content }]
      : [];
  const calls = uses.map(({ name, namespace, input }) => ({
    type: 'function_call',
    id: newId('fc'),
    call_id: newId('call'),
    name,
    ...(namespace && { namespace }),
    arguments: JSON.stringify(input),
    status,
  }));
  return [...words, ...calls];
}

/** Without the deltas: what counts is the item when it is done. */
function streamed(items: readonly Fields[], response: Fields) {
  const begun = { ...response, status: 'in_progress', output: [], usage: null };
  return [
    { type: 'response.created', response: begun },
    ...items.flatMap((item, output_index) => {
      const open = { ...item, status: 'in_progress', ...(item.content ? { content: [] } : {}) };
      return [
        { type: 'response.output_item.added', output_index, item: open },
        { type: 'response.output_item.done', output_index, item },
      ];
    }),
    { type: 'response.completed', response },
  ];
}

/** https://platform.openai.com/docs/api-reference/responses */
export const responses: Dialect = {
  name: 'responses',
  takes: path => path.endsWith('/responses'),
  shown: ({ instructions, input }) => [
    { role: 'system', text: textOf(instructions) },
    ...(typeof input === 'string' ? [{ role: 'user', text: input }] : []),
    ...(Array.isArray(input) ? listOf(input).flatMap(blocksOf) : []),
  ],
  tools: ({ tools }) => listOf(tools).map(({ name, type }) => textOf(name ?? type)),
  write(said, { body }) {
    const output = itemsOf(said);
    const response = {
      id: newId('resp'),
      object: 'response',
      created_at: 0,
      model: body.model,
      status: 'completed',
      output,
      usage: USAGE,
    };
    if (body.stream !== true) return { json: response };
    const events = streamed(output, response).map((each, n) => ({ ...each, sequence_number: n }));
    return { events: events.map(each => ({ name: each.type, data: JSON.stringify(each) })) };
  },
};
