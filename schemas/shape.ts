// The shape of an event as a table of kinds: a type for the compiler, a fast check for replay.

type Kind = 'string' | 'number' | 'boolean' | 'strings' | 'object' | 'objects';

interface Kinds {
  string: string;
  number: number;
  boolean: boolean;
  strings: string[];
  object: Record<string, unknown>;
  objects: Record<string, unknown>[];
}

export type Fields = Readonly<Record<string, Kind | `${Kind}?`>>;

type Required<F extends Fields> = { [K in keyof F as F[K] extends Kind ? K : never]: F[K] };
type Optional<F extends Fields> = { [K in keyof F as F[K] extends Kind ? never : K]: F[K] };
type Of<K> = K extends `${infer Base extends Kind}?`
  ? Kinds[Base]
  : K extends Kind
    ? Kinds[K]
    : never;

/** The data that a table of fields describes. */
export type Shaped<F extends Fields> = { [K in keyof Required<F>]: Of<F[K]> } & {
  [K in keyof Optional<F>]?: Of<F[K]>;
};

function fits(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'strings':
      return Array.isArray(value) && value.every(item => typeof item === 'string');
    case 'object':
      return isObject(value);
    case 'objects':
      return Array.isArray(value) && value.every(isObject);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A function that says whether a decoded value has the fields, each of its kind. */
export function checker(fields: Fields): (value: Record<string, unknown>) => boolean {
  const rows = Object.entries(fields).map(([name, mark]) => {
    const needed = !mark.endsWith('?');
    return { name, needed, kind: (needed ? mark : mark.slice(0, -1)) as Kind };
  });
  return value => {
    for (const { name, needed, kind } of rows) {
      const field = value[name];
      if (field === undefined ? needed : !fits(field, kind)) return false;
    }
    return true;
  };
}
