// Laws 1, 2 and 4: who may import whom.
import { type Import, importsOf } from './imports.js';
import type { Source } from './source.js';

const roomOf = (path: string) => path.split('/')[0] ?? '';

const reach: Readonly<Record<string, readonly string[]>> = {
  schemas: ['schemas'],
  broker: ['broker', 'schemas'],
  client: ['client', 'schemas'],
  bench: ['bench', 'broker', 'client', 'schemas'],
  test: ['test', 'bench', 'broker', 'client', 'schemas'],
};

function say({ from, line, to }: Import): string {
  return `${from}:${line} imports ${to}`;
}

function allImports(sources: readonly Source[]): Import[] {
  return sources.flatMap(importsOf);
}

const STARTERS = [
  'client/cli/up.ts',
  'client/cli/log.ts',
  'client/cli/log/offline.ts',
  'client/cli/replay.ts',
];

/** The one way from client to broker: what works on the data directory in its own process. */
function startsBroker({ from, to, isDynamic }: Import): boolean {
  return isDynamic && STARTERS.includes(from) && to === 'broker/main.ts';
}

/** Law 1: arrows point to schemas; broker and client never import each other. */
export function strayArrows(sources: readonly Source[]): string[] {
  return allImports(sources)
    .filter(each => each.isOurs && !startsBroker(each))
    .filter(each => !reach[roomOf(each.from)]?.includes(roomOf(each.to)))
    .map(say);
}

interface Door {
  package: RegExp;
  files: RegExp;
  /** When set, no more than this many files of one room may be the door. */
  perRoom?: number;
}

const doors: readonly Door[] = [
  { package: /^nats$/, files: /^broker\/log\/connection\.ts$/ },
  { package: /^msgpackr$/, files: /^schemas\/codec\.ts$/ },
  { package: /^zod$/, files: /^schemas\// },
  { package: /^ws$/, files: /^(broker|client)\//, perRoom: 1 },
  {
    package: /^(luxon|cron-parser)$/,
    files: /^(broker\/core\/schedules\/recurrence\.ts$|client\/)/,
    perRoom: 1,
  },
  { package: /^(string-width|wrap-ansi)$/, files: /^client\/terminal\/width\.ts$/ },
  {
    package: /^(libsql|node:sqlite|better-sqlite3)$/,
    files: /^broker\/timeline\/index\/store\/sqlite\.ts$/,
  },
  { package: /^jsonc-parser$/, files: /^client\/setup\/edit\/json-(edit|tree)\.ts$/ },
  { package: /^diff$/, files: /^client\/setup\/diff\.ts$/ },
  { package: /^smol-toml$/, files: /^client\/setup\/edit\/toml-edit\.ts$/ },
  { package: /^yaml$/, files: /^client\/cli\/config\/document\.ts$/ },
  { package: /^@modelcontextprotocol\//, files: /^client\/mcp\/door\.ts$/ },
];

/** Law 2: one foreign package, one door. Tests and benches may stand on either side of it. */
export function sideDoors(sources: readonly Source[]): string[] {
  const housed = sources.filter(({ path }) => !/^(test|bench)\//.test(path));
  const imports = allImports(housed).filter(each => !each.isOurs);
  return doors.flatMap(door => {
    const users = imports.filter(each => door.package.test(each.to));
    const outside = users.filter(each => !door.files.test(each.from)).map(say);
    return [...outside, ...crowds(users, door)];
  });
}

function crowds(users: readonly Import[], door: Door): string[] {
  if (door.perRoom === undefined) return [];
  const rooms = [...new Set(users.map(each => roomOf(each.from)))];
  return rooms.flatMap(room => {
    const files = new Set(users.map(each => each.from).filter(file => roomOf(file) === room));
    const many = files.size > (door.perRoom ?? 0);
    return many ? [`${users[0]?.to} has several doors: ${[...files].join(', ')}`] : [];
  });
}

const LIST = 'broker/runtime/parts.ts';
const PART = /\bclass\s+(\w+)[^{]*\bimplements\b[^{]*\bPart\b[^{]*\{/g;

/**
 * Law 4: whoever hears commits (a class that implements Part) is made in one list, where its place
 * is seen; only `main.ts` asks for that list, and nothing of the house asks for `main.ts`.
 */
export function builders(sources: readonly Source[]): string[] {
  const housed = sources.filter(({ path }) => !/^(test|bench)\//.test(path));
  const parts = housed.flatMap(({ path, code }) =>
    [...code.matchAll(PART)].map(([, name = '']) => ({ path, name })),
  );
  const makes = (code: string, name: string) => new RegExp(`\\bnew\\s+${name}\\b`).test(code);
  const strays = parts.flatMap(({ name }) =>
    housed
      .filter(({ path, code }) => path !== LIST && makes(code, name))
      .map(({ path }) => `${path} makes the part ${name}`),
  );
  const list = housed.find(({ path }) => path === LIST)?.code ?? '';
  const unlisted = parts
    .filter(({ name }) => !makes(list, name))
    .map(({ path, name }) => `${path}: ${name} is no part of ${LIST}`);
  return [...strays, ...unlisted, ...importersOf(housed)];
}

function importersOf(housed: readonly Source[]): string[] {
  return allImports(housed)
    .filter(each => each.to === 'broker/main.ts' || each.to === LIST)
    .filter(each => each.from !== 'broker/main.ts' && !startsBroker(each))
    .map(say);
}

/** Law 1: the SDK knows no other part of the client. */
export function sdkStrays(sources: readonly Source[]): string[] {
  return allImports(sources)
    .filter(({ from, to }) => from.startsWith('client/sdk/') && roomOf(to) === 'client')
    .filter(({ to }) => !to.startsWith('client/sdk/'))
    .map(say);
}
