// Scene 6: what was pushed is reviewed, sent back, and comes back with a new commit.
import { look } from '../scenes/review.js';
import type { DayStage, HandedOut } from './day-stage.js';
import { COLOURS, dayPulls, works } from './plan.js';

export async function review(stage: DayStage, { dark, login }: HandedOut): Promise<void> {
  const { story, api, orch, shop } = stage;
  const line = 'A pull request is reviewed up to a commit. The next commit brings it back.';
  await story.scene('Review', line);
  for (const [pull, { title }, { tree }] of [
    [dayPulls.dark, works.dark, dark],
    [dayPulls.login, works.login, login],
  ] as const) {
    const at = (await shop.trees()).find(({ branch }) => branch === tree.branch);
    await api.pushed(pull, at?.head ?? '', title);
  }
  await stage.catchUp();
  await look(stage);
  for (const row of await orch.queue()) await orch.reviewed(row);
  const ask = await orch.asks(api, 'the receipt cannot be read in the dark; a lighter ink?');
  await stage.catchUp();
  const css = '.cart { color: var(--ink) }\n.receipt { color: var(--ink-light) }\n';
  await shop.write(dark.tree.path, COLOURS, css);
  const head = await shop.commit(dark.tree.path, 'api', 'Lighten the receipt');
  await api.pushed(dayPulls.dark, head, works.dark.title);
  await api.answers(ask, { text: `done in ${head.slice(0, 7)}, please look again` });
  await orch.hears(ask);
  await stage.catchUp();
  await look(stage);
}
