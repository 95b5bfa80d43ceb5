// The verb board: what is to do on a board, who is at it, and items moved and linked.
import { link } from './board/link.js';
import { move } from './board/move.js';
import { scan } from './board/scan.js';
import type { CliVerb } from './cli.js';

export const board: CliVerb = (program, act) => {
  const group = program
    .command('board')
    .description('scan a board of tasks, move its items, link them with jobs, asks and peers');
  for (const add of [scan, move, link]) add(group, act);
};
