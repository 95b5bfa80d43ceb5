// Scene 2: jobs for what needs a result, an ask for what needs an answer.
import { limits } from '../../../schemas/limits.js';
import type { PlayStage } from '../stage.js';
import { titles } from './plan.js';

/** What scene 2 leaves for the others. */
export interface Dispatched {
  login: string;
  dark: string;
  layout: string;
}

export async function dispatch(stage: PlayStage): Promise<Dispatched> {
  const { story, board, orch, api, docs } = stage;
  const line = 'Work that needs a result is a durable job, a question is an ask.';
  await story.scene('Dispatch', line);
  const { present, name, stale_after_s } = await orch.status();
  const status = present ? `${name}, live` : 'nobody';
  await story.read(orch.id, `sees who orchestrates: ${status} (stale after ${stale_after_s} s)`);
  const login = await orch.handsOver(
    { title: titles.login, body: 'Five tries a minute for each address, then 429.' },
    api,
  );
  const dark = await orch.handsOver(
    {
      title: titles.dark,
      body: 'Move the colours of all 23 components to tokens.',
      lease_s: limits.demo_lease_s,
    },
    { kind: 'frontend' },
  );
  const layout = await orch.asks(docs, 'how to cut the guide?', {
    kind: 'choice',
    options: [
      { id: 'task', label: 'by task' },
      { id: 'endpoint', label: 'by endpoint' },
    ],
  });
  await stage.catchUp();
  for (const title of Object.values(titles)) await board.move(title, 'in progress');
  await story.board(await board.read());
  return { login, dark, layout };
}
