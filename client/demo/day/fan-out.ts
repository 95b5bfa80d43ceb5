// Scene 2: each item becomes a job and a git worktree, and the board says so.
import { relative } from 'node:path';
import type { Actor } from '../actor.js';
import { type DayStage, type HandedOut, showBoard, type UnderWay } from './day-stage.js';
import { type Work, works } from './plan.js';

export async function fanOut(stage: DayStage): Promise<HandedOut> {
  const { story, board, shop, orch, web, api, docs } = stage;
  const line = 'A job and a git worktree for each item, so that nobody is in another’s way.';
  await story.scene('Fan out', line);
  const handed = {
    dark: await handOut(stage, works.dark, { kind: 'frontend' }),
    login: await handOut(stage, works.login, api),
    guide: await handOut(stage, works.guide, docs),
  };
  const trees = await shop.trees();
  await story.table(
    ['WORKTREE', 'BRANCH', 'AT'],
    trees.map(({ path, branch = '', head = '' }) => [
      relative(`${shop.main}/..`, path),
      branch,
      head.slice(0, 7),
    ]),
  );
  await web.claims({ kind: 'frontend' });
  for (const [who, { job }] of [
    [api, handed.login],
    [docs, handed.guide],
  ] as const) {
    await who.hears(job);
    await who.claims({ job });
  }
  await stage.catchUp();
  await showBoard(story, await board.scan(orch));
  return handed;
}

async function handOut(
  { shop, board, orch, ...stage }: DayStage,
  { title, branch, brief }: Work,
  who: Actor | { kind: string },
): Promise<UnderWay> {
  const tree = await shop.branchOut(branch, orch.id);
  const body = `${brief} Branch ${branch}, in ${tree.path}.`;
  const job = await orch.handsOver({ title, body }, who);
  await board.move(orch, title, 'in progress', job);
  await board.link(orch, title, tree.path);
  await stage.catchUp();
  return { job, tree };
}
