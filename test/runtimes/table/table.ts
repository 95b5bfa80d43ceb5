// The last-hop table: every scene with every runtime, each message judged by the model's record.

import { House } from '../kit/house.js';
import { hasTmux } from '../kit/terminal.js';
import type { Program } from '../programs/program.js';
import { type Cell, judge } from './judge.js';
import { kinds } from './letters.js';
import { Scene } from './scene.js';
import type { ScenePlan } from './scene-plan.js';
import { scenes } from './scenes.js';

/** A row: a runtime in a scene. */
export interface Row {
  runtime: string;
  scene: string;
  cells: readonly Cell[];
  /** Why it was not played; that is no wrong cell. */
  left?: string;
  /** What is wrong beyond the cells. */
  wrong?: string;
  /** What the runtime wrote. */
  said?: string;
}

/** True where nothing of a row is wrong. */
export function isRight({ cells, wrong }: Row): boolean {
  return wrong === undefined && cells.every(cell => cell.isRight);
}

/** Plays the scenes whose titles hold a word, one after another; yields each row as it ends. */
export async function* playAll(
  program: Program,
  command: readonly string[],
  word = '',
): AsyncGenerator<Row> {
  const house = await House.open(program, command);
  try {
    for (const plan of scenes.filter(({ title }) => title.includes(word))) {
      yield await playOne(house, plan);
    }
  } finally {
    await house.close();
  }
}

/** Plays one scene. */
export async function playOne(house: House, plan: ScenePlan): Promise<Row> {
  const { program } = house;
  const row = { runtime: program.name, scene: plan.title, cells: [] };
  if (plan.needs !== undefined && !program.abilities[plan.needs]) {
    return { ...row, left: `${program.name} has it not (${plan.needs})` };
  }
  if (plan.needs === 'terminal' && !hasTmux()) return { ...row, left: 'there is no tmux here' };
  const scene = new Scene(house, plan.title);
  try {
    await plan.play(scene);
    const { peer = '', queued: waiting = 0 } = (await scene.row()) ?? {};
    const due = { mayRepeat: plan.mayRepeat ?? false, peer };
    const cells = await judge(house, scene.turns, scene.letters, due);
    const lacks = kinds.filter(kind => !scene.letters.some(letter => letter.kind === kind));
    const faults = [
      ...house.model.faults.splice(0).map(({ message }) => `the script: ${message}`),
      ...lacks.map(kind => `no ${kind} was sent`),
      ...(waiting > 0 ? [`${waiting} still wait`] : []),
    ];
    return {
      ...row,
      cells,
      said: scene.said,
      ...(faults.length > 0 && { wrong: faults.join(', ') }),
    };
  } catch (error) {
    return { ...row, said: scene.said, wrong: (error as Error).message };
  }
}
