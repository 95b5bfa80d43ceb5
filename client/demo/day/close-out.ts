// Scene 8: work is merged, worktrees go where nothing is lost with them, and the day is summed up.
import type { Reason } from '../../spawn/work.js';
import { wholeCompany } from './company.js';
import { type DayStage, type HandedOut, showBoard, type UnderWay } from './day-stage.js';
import { dayPulls, GUIDE, type Work, works } from './plan.js';
import { reckon } from './reckoning.js';

export async function closeOut(stage: DayStage, handed: HandedOut): Promise<void> {
  const { story, board, ada, next } = stage;
  const line = 'Merged is moved to done. A worktree goes only where nothing is lost with it.';
  await story.scene('Close out', line);
  await finishGuide(stage, handed);
  await cleanUp(stage, handed);
  for (const [name, { title }] of Object.entries(works)) {
    await board.move(next, title, 'done', handed[name as keyof HandedOut].job);
  }
  await stage.catchUp();
  await showBoard(story, await board.scan(next));
  const text =
    'All three are done and merged. Web died in the middle of dark mode, api went on. ' +
    'I lead since the budget of orch ran low. Production waits for Monday, as you wrote.';
  const { message } = await next.call('notify.send', { to: ada.id, text });
  await ada.hears(message);
  for (const pull of Object.values(dayPulls)) await next.forgets(pull);
  for (const actor of wholeCompany(stage).reverse()) if (actor.isInvolved) await actor.leave();
  await stage.catchUp();
  await reckon(stage);
}

async function finishGuide({ docs, next, shop, ...stage }: DayStage, { guide }: HandedOut) {
  const { job, tree } = guide;
  await shop.write(tree.path, GUIDE, '# Error codes\n\n401: log in. 429: wait a minute.\n');
  await shop.commit(tree.path, 'docs', 'Guide to the error codes');
  await docs.finishes({ job, attempt: 1 }, 'both codes, each with what to do');
  await docs.turns('idle', { input_tokens: 9_400, output_tokens: 1_800, cost_usd: 0.03 });
  // Jotted down, and forgotten.
  await shop.write(tree.path, 'guide/examples.md', '# Examples\n\n`curl -i /login`\n');
  await next.hears(job);
  await stage.catchUp();
}

/** By the rules of `signalbox cleanup`: what is not safe elsewhere is named, and stays. */
async function cleanUp(stage: DayStage, handed: HandedOut): Promise<void> {
  const { docs, next, shop } = stage;
  const kept = [
    ...(await mergeAndRemove(stage, works.dark, handed.dark)),
    ...(await mergeAndRemove(stage, works.login, handed.login)),
    ...(await mergeAndRemove(stage, works.guide, handed.guide)),
  ];
  const why = kept.map(({ why, text }) => `${why}: ${text}`).join('; ');
  if (why !== 'dirty: untracked: guide/examples.md') {
    throw new Error(`one worktree was to be kept, for its new file; kept: ${why || 'none'}`);
  }
  const ask = await next.asks(docs, `your worktree stays, it is ${why}; commit it, or drop it?`);
  const head = await shop.commit(handed.guide.tree.path, 'docs', 'Examples for the guide');
  await docs.answers(ask, { text: `committed in ${head.slice(0, 7)}` });
  await next.hears(ask);
  await stage.catchUp();
  const left = await mergeAndRemove(stage, works.guide, handed.guide);
  if (left.length > 0 || (await shop.trees()).length > 0) {
    throw new Error('a worktree was left behind');
  }
}

/** Why it is kept; nothing once it is gone. */
async function mergeAndRemove(
  { board, next, shop, story, ...stage }: DayStage,
  { title }: Work,
  { tree }: UnderWay,
): Promise<Reason[]> {
  await shop.merge(tree, 'orch-2');
  const removal = await shop.remove(tree);
  if ('reasons' in removal) {
    await story.read(next.id, `has merged ${tree.branch}, and keeps its worktree`);
    return removal.reasons;
  }
  const branch = removal.isBranchGone ? ' and its branch' : '';
  await story.read(next.id, `has merged ${tree.branch}, and removed its worktree${branch}`);
  await board.link(next, title, tree.path, true);
  await stage.catchUp();
  return [];
}
