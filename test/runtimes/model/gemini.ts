// The Gemini API, which Gemini CLI speaks.
import { type Block, type Dialect, newId } from './dialect.js';
import { type Fields, fieldsOf, listOf, textOf } from './reading.js';

const USAGE = { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 };

function blocksOf(role: string, parts: unknown): Block[] {
  return listOf(parts).map(({ text, functionResponse, ...other }) => {
    if (functionResponse !== undefined) return { role: 'tool', text: textOf(functionResponse) };
    return { role: role === 'model' ? 'model' : role, text: textOf(text ?? other) };
  });
}

/** The least that a schema asks for: side requests, as for a route, want JSON. */
function least(schema: Fields): unknown {
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch (textOf(schema.type ?? 'object').toLowerCase()) {
    case 'object': {
      const properties = Object.entries(fieldsOf(schema.properties));
      return Object.fromEntries(properties.map(([name, each]) => [name, least(fieldsOf(each))]));
    }
    case 'array':
      return [];
    case 'string':
      return 'a';
    case 'boolean':
      return false;
    default:
      return 1;
  }
}

/** https://ai.google.dev/api/generate-content */
export const gemini: Dialect = {
  name: 'gemini',
  takes: path => /:(stream)?generateContent$/i.test(path),
  shown: ({ systemInstruction, contents }) => [
    ...blocksOf('system', fieldsOf(systemInstruction).parts),
    ...listOf(contents).flatMap(({ role, parts }) => blocksOf(textOf(role), parts)),
  ],
  tools: ({ tools }) =>
    listOf(tools)
      .flatMap(({ functionDeclarations }) => listOf(functionDeclarations))
      .map(({ name }) => textOf(name)),
  write({ text, uses }, { path, query, body }) {
    const wanted = fieldsOf(body.generationConfig);
    const schema = wanted.responseJsonSchema ?? wanted.responseSchema;
    const isJson = wanted.responseMimeType === 'application/json';
    const words = isJson ? JSON.stringify(least(fieldsOf(schema))) : text;
    const parts = [
      ...(words !== '' || uses.length === 0 ? [{ text: words }] : []),
      ...uses.map(({ name, input: args }) => {
        return { functionCall: { id: newId('call'), name, args } };
      }),
    ];
    const content = { role: 'model', parts };
    const answer = {
      candidates: [{ index: 0, content, finishReason: 'STOP' }],
      usageMetadata: USAGE,
      modelVersion: 'fake',
    };
    if (query.get('alt') === 'sse') return { events: [{ data: JSON.stringify(answer) }] };
    return { json: path.includes(':stream') ? [answer] : answer };
  },
};
