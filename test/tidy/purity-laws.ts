// Law 3: which files are pure, and what no pure file may say.
import { importsOf } from './imports.js';
import { lineAt, type Source } from './source.js';

const PURE = [
  /^schemas\//,
  /^broker\/core\//,
  /^broker\/github\/facts\.ts$/,
  /^client\/sdk\/session\.ts$/,
];

const clock = /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|\bDate\(\s*\)|\bperformance\b/;

const impure: readonly (readonly [string, RegExp])[] = [
  ['waits', /\bawait\b|\basync\b|\bPromise\b/],
  ['reads the clock', clock],
  ['sets a timer', /\b(set(Timeout|Interval|Immediate)|queueMicrotask)\b/],
  ['takes chances', /\bMath\.random\b|\brandom(UUID|Bytes|Int|FillSync)\b|\bgetRandomValues\b/],
  ['looks at the process', /\bprocess\s*[.[]|\bglobalThis\b/],
  ['depends on the locale', /\btoLocale\w*|\bIntl\b|\blocaleCompare\b/],
  ['depends on the time zone', /\bDate\.parse\b|\.get(FullYear|Month|Date|Day|Hours|Minutes)\(/],
  ['writes to the console', /\bconsole\b/],
];

/** Law 3: the pure rooms know no await, clock, randomness, process, I/O or locale. */
export function impurities(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => PURE.some(room => room.test(path)))
    .flatMap(source => [...saysImpure(source), ...importsImpure(source)]);
}

function saysImpure({ path, code }: Source): string[] {
  return impure.flatMap(([deed, pattern]) => {
    const found = pattern.exec(code);
    return found ? [`${path}:${lineAt(code, found.index)} ${deed}: ${found[0]}`] : [];
  });
}

/** Digests and signatures are arithmetic, so these may take hashing from `node:crypto`. */
const HASHING = [
  'broker/core/audit/checkpoint.ts',
  'broker/core/audit/export-lines.ts',
  'broker/core/commits/hash-chain.ts',
  'broker/core/snapshots/state-hash.ts',
  'broker/core/tokens/secret.ts',
];

function importsImpure(source: Source): string[] {
  return importsOf(source)
    .filter(({ to }) => to.startsWith('node:'))
    .filter(({ to }) => !(to === 'node:crypto' && HASHING.includes(source.path)))
    .map(({ from, line, to }) => `${from}:${line} imports ${to}`);
}

/** Law 3: in the broker only `clock.ts` reads the time. */
export function hiddenClocks(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith('broker/') && path !== 'broker/system/clock.ts')
    .flatMap(({ path, code }) => {
      const found = clock.exec(code);
      return found ? [`${path}:${lineAt(code, found.index)} reads the clock: ${found[0]}`] : [];
    });
}
