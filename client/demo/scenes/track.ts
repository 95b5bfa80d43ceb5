// Scene 3: work goes on, a worker crashes in the middle of its job, and nothing is lost.
import type { LogRecord } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { RefusalError } from '../../sdk/errors.js';
import type { PlayStage } from '../stage.js';
import { bar } from '../words.js';
import type { Held } from '../worker.js';
import type { Dispatched } from './dispatch.js';

export async function track(stage: PlayStage, dispatched: Dispatched): Promise<void> {
  const { story } = stage;
  await story.scene('Track', 'Workers report as they go. One of them crashes in mid-job.');
  const { own, lost } = await begin(stage, dispatched);
  const gone = await crash(stage, lost);
  await goOn(stage, own, dispatched);
  await takeOver(stage, dispatched.dark);
  await late(stage, lost, gone);
}

async function begin({ web, api, ...stage }: PlayStage, { login, dark }: Dispatched) {
  await web.describes('Moving the checkout to colour tokens');
  await api.describes('Counting tries for each address');
  await stage.catchUp();
  await api.hears(login);
  const own = await api.claims({ job: login });
  const lost = await web.claims({ kind: 'frontend' });
  if (lost.job !== dark) throw new Error('another job than this play’s was claimed');
  await api.reports(own, 0.5, 'the counter works, the 429 is next');
  await web.reports(lost, 0.3, '7 of 23 components moved');
  await stage.catchUp();
  return { own, lost };
}

/** The place in the log where the worker's connection ended. */
async function crash(stage: PlayStage, lost: Held): Promise<number> {
  const { web, story, orch } = stage;
  await web.turns('working', { input_tokens: 18_200, output_tokens: 2_900, cost_usd: 0.07 });
  await web.reports(lost, 0.6, '14 of 23; cart and receipt are left');
  await web.crash();
  const what = 'the end of a connection';
  const { position } = await stage.until(({ event }) => event.type === 'peer.disconnected', what);
  const jobs = await orch.jobs();
  await story.table(
    ['JOB', 'STATE', 'WORKER', 'DONE', 'TITLE'],
    jobs.map(({ number, state, worker, progress, title }) => [
      `#${number}`,
      state,
      worker === undefined ? '' : story.name(worker),
      bar(progress),
      title,
    ]),
  );
  return position;
}

/** Meanwhile nobody waits for who is gone. */
async function goOn(stage: PlayStage, own: Held, { login, layout }: Dispatched): Promise<void> {
  const { orch, api, docs } = stage;
  await docs.answers(layout, { option: 'task', text: 'readers come with a task in mind' });
  await docs.turns('idle', { input_tokens: 6_400, output_tokens: 800, cost_usd: 0.03 });
  await orch.hears(layout);
  await api.reports(own, 1, 'tests are green');
  await api.finishes(own, 'the 6th try gets a 429');
  await api.turns('idle', { input_tokens: 22_700, output_tokens: 4_100, cost_usd: 0.05 });
  await orch.hears(login);
  await stage.catchUp();
}

async function takeOver(stage: PlayStage, dark: string): Promise<void> {
  const { api, orch, story } = stage;
  const what = `the end of a lease of ${limits.demo_lease_s} s`;
  await stage.until(({ event }) => event.type === 'job.lapsed' && event.job === dark, what);
  const held = await api.claims({ kind: 'frontend' });
  await stage.catchUp();
  await story.read(api.id, 'is told what was done before it:');
  await story.quote(held.handoff ?? '');
  await api.reports(held, 0.8, 'the cart is moved, now the receipt');
  await api.finishes(held, 'all 23 components moved');
  await api.turns('idle', { input_tokens: 15_300, output_tokens: 2_200, cost_usd: 0.04 });
  const { text } = await orch.hears(dark);
  await stage.catchUp();
  await story.read(orch.id, `inbox: “${text.split('\n')[0]}”`);
}

/** Who was thought dead comes back and goes on as if nothing had happened: the fence holds. */
async function late({ web, story, ...stage }: PlayStage, lost: Held, gone: number): Promise<void> {
  await web.comeBack();
  const isBack = ({ event, position }: LogRecord) =>
    event.type === 'peer.connected' && event.peer === web.id && position > gone;
  await stage.until(isBack, 'the return of a worker');
  const refused = await web.reports(lost, 0.7, '16 of 23 moved').catch((error: unknown) => error);
  if (!(refused instanceof RefusalError)) throw new Error('a lost lease was taken for a good one');
  await story.read(web.id, `reports on attempt ${lost.attempt} and is refused: ${refused.refusal}`);
}
