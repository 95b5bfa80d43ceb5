// Scene 6: the board is done, what it took is counted, and the company leaves.
import { thousands } from '../../telling/phrases.js';
import { everyone } from '../company.js';
import type { PlayStage } from '../stage.js';
import { pulls, titles } from './plan.js';

export async function closeOut(stage: PlayStage, leave: string): Promise<void> {
  const { story, board } = stage;
  await story.scene('Close out', 'The board is done. What it took, and what became of one ask:');
  for (const title of Object.values(titles)) await board.move(title, 'done');
  await story.board(await board.read());
  await usage(stage);
  await trace(stage, leave);
  for (const pull of Object.values(pulls)) await stage.orch.forgets(pull);
  for (const actor of everyone(stage).reverse()) await actor.leave();
  await stage.catchUp();
  const { events, ms } = story.extent();
  const seconds = (ms / 1_000).toFixed(1);
  await story.note(`${events} events in ${seconds} s, each on disk before it was acknowledged.`);
}

async function usage({ orch, story }: PlayStage): Promise<void> {
  const rows = await orch.usage();
  await story.table(
    ['PEER', 'TURNS', 'TOKENS IN', 'OUT', 'COST', 'MODEL'],
    rows.map(({ peer, turns, input_tokens, output_tokens, cost_usd, models }) => [
      story.name(peer),
      String(turns),
      thousands(input_tokens),
      thousands(output_tokens),
      `$${cost_usd.toFixed(2)}`,
      models.join(', '),
    ]),
  );
}

/** One ask from its sender's hand to its end. */
async function trace({ orch, story }: PlayStage, leave: string): Promise<void> {
  const { text } = await orch.thread(leave);
  const stages = await orch.trace(leave);
  const began = stages[0]?.time ?? 0;
  const steps = stages.map(({ stage, time }) => `${stage} +${time - began} ms`);
  await story.read(orch.id, `traces “${text}”: ${steps.join(', ')}`);
}
