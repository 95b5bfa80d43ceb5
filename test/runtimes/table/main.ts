// The last-hop table of the real agent programs, as a program: `npm run runtimes [NAME] [SCENE]`.
import { installProgram } from '../kit/install.js';
import { programs } from '../programs/all.js';
import type { Program } from '../programs/program.js';
import { kinds } from './letters.js';
import { isRight, playAll, type Row } from './table.js';

const [named = 'all', word = ''] = process.argv.slice(2);
const chosen = programs.filter(({ name }) => named === 'all' || name === named);
if (chosen.length === 0) {
  const names = programs.map(({ name }) => name).join(', ');
  console.error(`use: npm run runtimes -- [all, ${names}] [words of a scene]`);
  process.exit(2);
}

const WIDTHS = [12, 44, 16, 16, 16, 16];
const line = (words: readonly string[]) =>
  words
    .map((text, n) => text.padEnd(WIDTHS[n] ?? 0))
    .join(' ')
    .trimEnd();

function show({ runtime, scene, cells, left, wrong }: Row): void {
  const says = kinds.map(kind => {
    const cell = cells.find(each => each.kind === kind);
    return cell === undefined ? '-' : `${cell.isRight ? '' : 'WRONG: '}${cell.says}`;
  });
  console.log(line([runtime, scene, ...(left === undefined ? says : [`not run: ${left}`])]));
  if (wrong !== undefined) console.log(`  WRONG: ${wrong}`);
}

/** The program, or undefined where it cannot be had: said, and no wrong cell. */
function had(program: Program): readonly string[] | undefined {
  try {
    return installProgram(program);
  } catch (error) {
    console.log(line([program.name, `not run: ${(error as Error).message}`]));
    return undefined;
  }
}

let wrong = 0;
let played = 0;
console.log(line(['RUNTIME', 'SCENE', ...kinds.map(kind => kind.toUpperCase())]));
for (const program of chosen) {
  const command = had(program);
  if (command === undefined) continue;
  for await (const row of playAll(program, command, word)) {
    show(row);
    if (row.left === undefined) played++;
    if (isRight(row)) continue;
    wrong++;
    if (row.said) console.log(row.said.replace(/^/gm, '  | '));
  }
}
console.log(`${played} rows played, ${wrong} wrong`);
process.exit(wrong > 0 ? 1 : 0);
