// Type before length: a check of length looks only at what is a text or a list.

/** As much of zod's own innards as the walk needs. */
interface Check {
  _zod: { def: { check?: string; when?: (payload: { value: unknown }) => boolean } };
}

const LENGTHS: ReadonlySet<string | undefined> = new Set([
  'min_length',
  'max_length',
  'length_equals',
]);
const seen = new WeakSet<object>();

/**
 * By itself zod asks whatever has a `length` for it, also a value that was refused as no text: an
 * object whose `length` is an object itself then throws out of the check. Returns the schema.
 */
export function typeFirst<T extends object>(schema: T): T {
  visit(schema);
  return schema;
}

function visit(value: unknown): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (!isZod(value)) {
    for (const part of Object.values(value)) visit(part);
    return;
  }
  const { def } = value._zod;
  if (LENGTHS.has(def.check)) def.when = hasLength;
  for (const part of Object.values(def)) visit(part);
}

function isZod(value: object): value is Check {
  return '_zod' in value;
}

function hasLength({ value }: { value: unknown }): boolean {
  return typeof value === 'string' || Array.isArray(value);
}
