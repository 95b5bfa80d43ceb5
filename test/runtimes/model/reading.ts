// Reading of JSON that nobody vouches for: objects, lists and texts, empty where there are none.

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; empty for what is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The objects of a list; a text stands for one with that text. */
export function listOf(value: unknown): Fields[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** A text as it is, anything else as JSON; empty for nothing. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
