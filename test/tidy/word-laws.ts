// Law 7 and the names: bounds, exported types and files.
import { lineAt, type Source } from './source.js';

/** What a bound may count; the list is closed so that units stay few and plain. */
const UNITS = [
  'bytes chars lines fragments levels ratio',
  'ms s',
  'items rows ids hops events commits positions frames files',
  'connections sockets subscriptions waits reads calls commands feeds tries misses',
  'fields codes pages refs tokens usd',
]
  .join(' ')
  .split(' ');

/** Law 7: every key of the limits ends in its unit. */
export function unitlessLimits(limits: Readonly<Record<string, number>>): string[] {
  return Object.keys(limits)
    .filter(key => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(key) || !UNITS.includes(lastWord(key)))
    .map(key => `limits.${key} does not end in a unit (${UNITS.join(' ')})`);
}

function lastWord(key: string): string {
  return key.split('_').at(-1) ?? '';
}

const NAMED_BOUND = new RegExp(
  `\\bconst\\s+((?:[A-Z0-9]+_)*(?:${UNITS.join('|').toUpperCase()}))\\s*=\\s*[\\d_]+;`,
);

/** Facts of a format or of the language, which nobody can choose, are no bounds. */
const FACTS = [
  'FIXED_BYTES',
  'PACKET_BYTES',
  'RECORD_HEAD_BYTES',
  'LAST_MS',
  'LONGEST_TIMER_MS',
  'TAR_BLOCK_BYTES',
];

/** Law 7: no other file names a bound of its own. A column's width at a terminal is layout. */
export function strayLimits(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => /^(schemas|broker|client)\/(?!(cli|terminal)\/)/.test(path))
    .flatMap(({ path, code }) => {
      const found = NAMED_BOUND.exec(code);
      if (!found || FACTS.includes(found[1] ?? '')) return [];
      return [`${path}:${lineAt(code, found.index)} has a bound: ${found[1]}`];
    });
}

const EXPORTED_TYPE =
  /^export (?:declare )?(?:abstract )?(?:interface|type|class|(?:const )?enum) (\w+)/gm;

/** Law 6: no two files of the product export a type of one name; the doors only pass them on. */
export function sharedTypeNames(sources: readonly Source[]): string[] {
  const owners = new Map<string, string>();
  return sources
    .filter(({ path }) => /^(schemas|broker|client)\//.test(path))
    .flatMap(({ path, code }) =>
      [...code.matchAll(EXPORTED_TYPE)].flatMap(({ 1: name = '', index }) => {
        const owner = owners.get(name) ?? path;
        owners.set(name, owner);
        return owner === path
          ? []
          : [`${path}:${lineAt(code, index)} exports ${name}, as ${owner}`];
      }),
    );
}

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Published as they are, under the names that agents look for. */
const AS_WRITTEN = /^client\/workspace\/(templates|skills)\/.+\.md$/;

/** Files and folders are named in lower case with hyphens. */
export function oddNames(paths: readonly string[]): string[] {
  const named = paths.filter(path => !AS_WRITTEN.test(path));
  return named.filter(path => !path.split('/').every(step => NAME.test(stem(step))));
}

function stem(step: string): string {
  return step.replace(/(\.(test|config))?\.[a-z0-9]+$/, '');
}
