// The last-hop table of the real agent programs: `npm run runtimes -- [NAME] [SCENE]`.
import { agentsOfDays, days } from '../day/days.js';
import { installProgram } from '../kit/install.js';
import { hasTmux } from '../kit/terminal.js';
import { programs } from '../programs/all.js';
import type { Program } from '../programs/program.js';
import { agentsOfReadme, playReadme } from '../readme/tour.js';
import { kinds } from './letters.js';
import { isRight, playAll, type Row } from './table.js';

const [named = 'all', word = ''] = process.argv.slice(2);
const chosen = programs.filter(({ name }) => named === 'all' || name === named);
const playsReadme = named === 'readme' || (named === 'all' && word === '');
const playsDays = named === 'day' || (named === 'all' && word === '');
if (chosen.length === 0 && !playsReadme && !playsDays) {
  const names = programs.map(({ name }) => name).join(', ');
  console.error(`use: npm run runtimes -- [all, readme, day, ${names}] [words of a scene]`);
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
/** Plays what takes several programs. */
async function together(
  agents: readonly Program[],
  [place, title]: readonly [string, string],
  play: (commands: Map<Program, readonly string[]>) => Promise<string[]>,
): Promise<void> {
  const found = agents.flatMap(program => {
    const words = had(program);
    return words === undefined ? [] : [[program, words] as const];
  });
  if (found.length < agents.length || !hasTmux()) {
    console.log(line([place, `${title}: not run: it takes both programs, and tmux`]));
    return;
  }
  const faults = await play(new Map(found));
  console.log(line([place, title, faults.length === 0 ? 'as it says' : 'WRONG']));
  for (const fault of faults) console.log(fault.replace(/^/gm, '  | '));
  played++;
  if (faults.length > 0) wrong++;
}

if (playsReadme) await together(agentsOfReadme, ['README', 'with your agents'], playReadme);
for (const { title, play } of playsDays ? days : []) {
  if (named === 'all' || title.includes(word)) await together(agentsOfDays, ['DAY', title], play);
}
console.log(`${played} rows played, ${wrong} wrong`);
process.exit(wrong > 0 ? 1 : 0);
