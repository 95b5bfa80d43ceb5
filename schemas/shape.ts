// The schema of an event's fields as a table: a type for the compiler, a fast check for replay.

type Kind = 'string' | 'number' | 'boolean' | 'strings' | 'object' | 'objects';

interface Kinds {
  string: string;
  number: number;
  boolean: boolean;
  strings: string[];
  object: Record<string, unknown>;
  objects: Record<string, unknown>[];
}

/** Of which kind a field is; `?` where it may be absent. */
export type Mark = Kind | `${Kind}?`;

/** An enumeration: a string, or strings, of a list of words. */
export interface OneOf<W extends string = string, M extends Mark = Mark> {
  mark: M;
  words: readonly W[];
}

export type Fields = Readonly<Record<string, Mark | OneOf>>;

type MarkOf<S> = S extends OneOf<string, infer M> ? M : S;
type IsNeeded<S> = MarkOf<S> extends Kind ? true : false;
type Required<F extends Fields> = {
  [K in keyof F as IsNeeded<F[K]> extends true ? K : never]: F[K];
};
type Optional<F extends Fields> = {
  [K in keyof F as IsNeeded<F[K]> extends true ? never : K]: F[K];
};
type Of<S> =
  S extends OneOf<infer W, infer M>
    ? M extends 'strings'
      ? W[]
      : W
    : S extends `${infer Base extends Kind}?`
      ? Kinds[Base]
      : S extends Kind
        ? Kinds[S]
        : never;

/** The data that a table of fields describes. */
export type Shaped<F extends Fields> = { [K in keyof Required<F>]: Of<F[K]> } & {
  [K in keyof Optional<F>]?: Of<F[K]>;
};

/**
 * A field that is one of the words. `checker` lets other words pass, as old logs may hold them;
 * `wordsChecker` does not.
 */
export function oneOf<const W extends string>(words: readonly W[]): OneOf<W, 'string'> {
  return { mark: 'string', words };
}

/** A field that is absent or one of the words, which are checked as those of `oneOf`. */
export function maybeOneOf<const W extends string>(words: readonly W[]): OneOf<W, 'string?'> {
  return { mark: 'string?', words };
}

/** A field that is a list of the words, maybe empty, which are checked as those of `oneOf`. */
export function someOf<const W extends string>(words: readonly W[]): OneOf<W, 'strings'> {
  return { mark: 'strings', words };
}

/** The fields by their kinds alone, enumerations as the strings they are on the wire. */
export function marksOf(fields: Fields): Record<string, Mark> {
  const rows = Object.entries(fields);
  return Object.fromEntries(rows.map(([name, each]) => [name, markOf(each)]));
}

/** The words of a field that is an enumeration; undefined for any other field. */
export function enumOf(field: Mark | OneOf | undefined): readonly string[] | undefined {
  return typeof field === 'object' ? field.words : undefined;
}

function markOf(field: Mark | OneOf): Mark {
  return typeof field === 'string' ? field : field.mark;
}

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

/**
 * Compiles the fields once; the check itself runs for every event and lets keys pass that no field
 * names.
 */
export function checker(fields: Fields): (value: Record<string, unknown>) => boolean {
  const rows = Object.entries(marksOf(fields)).map(([name, mark]) => {
    const needed = !mark.endsWith('?');
    return { name, needed, kind: (needed ? mark : mark.slice(0, -1)) as Kind };
  });
  return value => {
    for (let i = 0; i < rows.length; i++) {
      const { name, needed, kind } = rows[i]!;
      const field = value[name];
      if (field === undefined) {
        if (needed) return false;
        continue;
      }
      // Most fields are texts.
      if (typeof field === 'string' ? kind !== 'string' : !fits(field, kind)) return false;
    }
    return true;
  };
}

/** Says of checked data whether every enumeration has its words; undefined where there is none. */
export function wordsChecker(
  fields: Fields,
): ((data: Record<string, unknown>) => boolean) | undefined {
  const rows = Object.entries(fields).flatMap(([name, field]) =>
    typeof field === 'string' ? [] : [{ name, words: new Set<unknown>(field.words) }],
  );
  if (rows.length === 0) return undefined;
  return data => {
    for (const { name, words } of rows) {
      const field = data[name];
      if (field === undefined || words.has(field)) continue;
      if (!Array.isArray(field) || !field.every(word => words.has(word))) return false;
    }
    return true;
  };
}
