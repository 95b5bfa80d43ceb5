// Holds the whole tree to its laws; each subtest is one law, and lists who breaks it.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { limits } from '../schemas/limits.js';
import { invariants } from './mutants/list.js';
import { staleRows } from './mutants/stale.js';
import * as arrows from './tidy/arrow-laws.js';
import * as folders from './tidy/folder-laws.js';
import * as purity from './tidy/purity-laws.js';
import * as reference from './tidy/reference.js';
import * as shape from './tidy/shape-laws.js';
import { readRooms } from './tidy/source.js';
import * as weight from './tidy/weight-laws.js';
import * as words from './tidy/word-laws.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { paths, sources } = await readRooms(root);
const tables = reference.referenceTables();
if (process.env.UPDATE_REFERENCE) {
  const path = `${root}REFERENCE.md`;
  await writeFile(path, reference.withTables(await readFile(path, 'utf8'), tables));
}
const told = await readFile(`${root}REFERENCE.md`, 'utf8');
const papers = new Map<string, string>([['REFERENCE.md', told]]);
for (const paper of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md']) {
  papers.set(paper, await readFile(root + paper, 'utf8'));
}
const inPapers = (check: (paper: string, text: string) => string[]) =>
  [...papers].flatMap(([paper, text]) => check(paper, text));

const laws: Record<string, () => string[]> = {
  '1 arrows point to schemas; broker and client never import each other': () =>
    arrows.strayArrows(sources),
  '1 the SDK knows no other folder of the client': () => arrows.sdkStrays(sources),
  '2 one foreign package, one door': () => arrows.sideDoors(sources),
  '3 the pure rooms know no await, clock, chance, process, I/O or locale': () =>
    purity.impurities(sources),
  '3 in the broker only clock.ts reads the time': () => purity.hiddenClocks(sources),
  '4 only main.ts builds parts': () => arrows.builders(sources),
  '5 a line has at most 100 columns': () => shape.longLines(sources),
  '5 nothing is left for later, and no checker looks away': () => shape.unfinished(sources),
  '5 no test is skipped': () => shape.skippedTests(sources),
  '5 a test waits for what it wants to see, not for a time': () => shape.timedTests(sources),
  '6 a file opens with one sentence that says what it is': () => shape.untitled(sources),
  '6 every exported function and class of the broker has its doc line': () =>
    shape.undocumented(sources),
  '6 an exported type has a name of its own': () => words.sharedTypeNames(sources),
  '7 every bound is in limits.ts, its unit last': () => [
    ...words.unitlessLimits(limits),
    ...words.strayLimits(sources),
  ],
  '7 REFERENCE.md tells every command, method, refusal, event, limit and exit as it is': () => [
    ...reference.staleTables(told, tables),
    ...reference.untoldExits(told),
  ],
  '7 a command, file or heading that a paper names is there': () => [
    ...inPapers(reference.strangeCommands),
    ...inPapers((paper, text) => reference.brokenLinks(paper, text, papers)),
    ...inPapers((paper, text) => reference.missingFiles(paper, text, paths)),
  ],
  '8 the broker has at most 12 entries, and 40 arrows between them': () =>
    folders.wideBroker(sources),
  '8 between the folders of a house no arrow runs back': () =>
    folders.folderKnots(sources, ['broker', 'broker/core', 'broker/gateway', 'client']),
  '8 a folder of the broker holds at most 15 files, but for the rows': () =>
    folders.fullFolders(sources),
  '9 no call of the command line loads schemas, sockets or codecs before it needs them': () =>
    weight.heavyStarts(sources),
  'each of the 25 invariants has its check, and mutants that still apply': () =>
    staleRows(invariants, sources, root),
  'files are named in lower case with hyphens': () => words.oddNames(paths),
};

t.test('the tree is there to be held to its laws', async t => {
  t.ok(sources.length > 20, `${sources.length} files`);
  for (const room of ['schemas', 'broker', 'test']) {
    t.ok(
      paths.some(path => path.startsWith(`${room}/`)),
      room,
    );
  }
});

for (const [law, offenders] of Object.entries(laws)) {
  t.test(`law ${law}`, async t => {
    t.same(offenders(), []);
  });
}
