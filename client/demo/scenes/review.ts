// Scene 5: what was pushed is to be reviewed, and again after the next push.
import type { PlayStage } from '../stage.js';
import { pull } from '../words.js';
import { pulls, titles } from './plan.js';

const heads = {
  login: '4be1f02a97c35d80',
  dark: 'c07d9e51b2f4a638',
  darkAgain: '91ab3cd4e5f60718',
} as const;

export async function review(stage: PlayStage): Promise<void> {
  const { story, web, api } = stage;
  await story.scene('Review', 'The queue shows what the orchestrator has yet to review.');
  await api.pushed(pulls.login, heads.login, titles.login);
  await web.pushed(pulls.dark, heads.dark, titles.dark);
  await stage.catchUp();
  await look(stage);
  await mark(stage);
  await web.pushed(pulls.dark, heads.darkAgain, titles.dark);
  await stage.catchUp();
  await look(stage);
  await mark(stage);
  const owed = (await owing(stage)).length;
  await story.read(stage.orch.id, `has ${owed === 0 ? 'no review' : `${owed} reviews`} to do now`);
}

/** Shows the queue as the broker gives it. */
export async function look({ orch, story }: Pick<PlayStage, 'orch' | 'story'>): Promise<void> {
  const rows = await orch.queue();
  await story.table(
    ['PULL REQUEST', 'HEAD', 'REVIEWED', 'WHAT TO DO'],
    rows.map(({ pr_url, current_head_sha, last_reviewed_sha, my_action }) => [
      pull(pr_url),
      current_head_sha?.slice(0, 7) ?? '',
      last_reviewed_sha?.slice(0, 7) ?? '–',
      my_action,
    ]),
  );
}

async function owing({ orch }: PlayStage) {
  const rows = await orch.queue();
  return rows.filter(({ my_action }) => my_action !== 'none-needed');
}

async function mark(stage: PlayStage): Promise<void> {
  for (const row of await owing(stage)) await stage.orch.reviewed(row);
  await stage.catchUp();
}
