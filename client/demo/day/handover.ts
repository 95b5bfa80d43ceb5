// Scene 7: the budget of the orchestrator runs low, and the second one goes on in its place.
import { look } from '../scenes/review.js';
import type { DayStage } from './day-stage.js';
import { hearsWatch } from './death.js';
import { BUDGET, LOW, USED } from './plan.js';

export async function handOver(stage: DayStage): Promise<void> {
  const { story } = stage;
  const line = 'The budget runs low. One event moves all that is open to the second orchestrator.';
  await story.scene('Handover', line);
  const asked = await runLow(stage);
  await moveAll(stage);
  await goOn(stage, asked);
}

/** An ask that is open as the lead changes. */
async function runLow(stage: DayStage): Promise<string> {
  const { ada, orch, docs } = stage;
  await ada.call('usage.budget', { peer: orch.id, ...BUDGET });
  const { watch } = await orch.call('watch.create', {
    ...{ when: 'budget.above', ...LOW, once: true },
    text: 'Time to hand over.',
  });
  const asked = await orch.asks(docs, 'how far is the guide?');
  await orch.turns('working', USED);
  await stage.catchUp();
  await hearsWatch(stage, watch);
  return asked;
}

async function moveAll(stage: DayStage): Promise<void> {
  const { ada, orch, next, story } = stage;
  const yes = await orch.asks(next, 'my budget is nearly used; take over from me?');
  await next.answers(yes, { text: 'yes, I have read the board and the log' });
  await orch.hears(yes);
  const { things } = await orch.call('orchestrator.handover', {
    ...{ from: orch.id, to: next.id },
    note: 'promised to Ada: nothing in production before Monday',
  });
  await stage.catchUp();
  await story.read(next.id, `leads now; ${things} things that were open have moved to it`);
  // Nobody's budget is left behind.
  await ada.call('usage.budget', { peer: orch.id });
  await orch.leave();
  await stage.catchUp();
}

/** What the first one asked for and had yet to review comes to the second one. */
async function goOn(stage: DayStage, asked: string): Promise<void> {
  const { next, docs, story } = stage;
  await docs.answers(asked, { text: 'written; the examples are left' });
  const { text } = await next.hears(asked);
  await stage.catchUp();
  await story.read(next.id, `gets the answer that orch asked for: “${text.split('\n')[0]}”`);
  await look({ orch: next, story });
  const due = (await next.queue()).filter(({ my_action }) => my_action !== 'none-needed');
  for (const row of due) await next.reviewed(row);
  await stage.catchUp();
}
