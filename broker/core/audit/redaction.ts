// Redaction: the words of chosen fields taken out of an event, and what stands in their place.
import { events } from '../../../schemas/event.js';

/** What stands where words were. */
export const REDACTED = '[redacted]';

/** The fields in which people and agents write freely; `text` among the chosen stands for all. */
export const wordFields: ReadonlySet<string> = new Set([
  'text',
  'title',
  'body',
  'description',
  'label',
  'note',
  'phase',
  'reason',
  'summary',
  'error',
  'result',
  'artifacts',
  'attachments',
]);

/** Fields of the objects in an event: of questions, attachments and what was used. */
const innerFields = [
  ...['kind', 'options', 'id', 'name', 'size', 'type', 'sha256', 'path', 'url'],
  ...['model', 'input_tokens', 'output_tokens', 'cost_usd', 'rate_limited'],
];

const known: ReadonlySet<string> = new Set([
  ...['v', 'by', 'token', 'circle', ...innerFields, ...wordFields],
  ...Object.values(events).flatMap(({ fields }) => Object.keys(fields)),
]);

/** The first that no event has: a misspelt name would leave in what is to be taken out. */
export function unknownField(chosen: readonly string[]): string | undefined {
  return chosen.find(field => !known.has(field));
}

/** The names of all fields that are meant. */
export function fieldsToRedact(chosen: readonly string[]): ReadonlySet<string> {
  const fields = new Set(chosen);
  if (fields.has('text')) for (const field of wordFields) fields.add(field);
  return fields;
}

/** The value without what the fields hold, however deep they lie; all else as it was. */
export function redacted(value: unknown, fields: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map(item => redacted(item, fields));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, fields.has(key) ? REDACTED : redacted(item, fields)]),
  );
}
