// Scene 4: a worker dies; a watch wakes the orchestrator, and another goes on where it stopped.
import { named } from '../../../schemas/uuid.js';
import { type DayStage, type HandedOut, takesFiles } from './day-stage.js';
import { COLOURS, ERRORS, LOGIN } from './plan.js';

export async function workerDies(stage: DayStage, handed: HandedOut): Promise<void> {
  const { story } = stage;
  const line = 'Nobody polls: a watch wakes the orchestrator. What the dead one knew is handed on.';
  await story.scene('A worker dies', line);
  const watch = await beginAndDie(stage, handed);
  await finishLogin(stage, handed);
  await wake(stage, watch);
  await takeOver(stage, handed);
}

/** The watch that stands over the worker. */
async function beginAndDie({ orch, web, shop, ...stage }: DayStage, { dark }: HandedOut) {
  const { watch } = await orch.call('watch.create', {
    ...{ when: 'peer.offline', peer: web.id, for_s: 1, once: true },
    text: 'Who goes on with its job?',
  });
  const held = { job: dark.job, attempt: 1 };
  await shop.write(
    dark.tree.path,
    COLOURS,
    '.cart { color: var(--ink) }\n.receipt { color: #222 }\n',
  );
  await shop.commit(dark.tree.path, 'web', 'Move the cart to tokens');
  await web.reports(held, 0.6, '14 of 23 moved and committed; the receipt is left');
  await stage.catchUp();
  await web.crash();
  await stage.until(
    ({ event }) => event.type === 'peer.disconnected' && event.peer === web.id,
    'the end of a connection',
  );
  return watch;
}

/** Meanwhile nobody waits for who is gone. */
async function finishLogin({ api, orch, shop, ...stage }: DayStage, { login }: HandedOut) {
  const { job, tree } = login;
  await shop.write(tree.path, LOGIN, 'export const login = limited(5, check);\n');
  await shop.write(
    tree.path,
    ERRORS,
    'export const codes = { unauthorised: 401, tooMany: 429 };\n',
  );
  await shop.commit(tree.path, 'api', 'Limit login attempts');
  await api.finishes({ job, attempt: 1 }, 'the 6th try in a minute gets a 429');
  await api.turns('idle', { input_tokens: 22_700, output_tokens: 4_100, cost_usd: 0.05 });
  await orch.hears(job);
  await stage.catchUp();
}

async function wake(stage: DayStage, watch: string): Promise<void> {
  const { orch, web, story } = stage;
  await hearsWatch(stage, watch);
  // Its job is free at once, and so are its files.
  await orch.call('peer.kill', { peer: web.id });
  web.wasRetired();
  await stage.catchUp();
  const { rows } = await orch.call('lease.list', { circle: orch.place.circle });
  const held = rows.some(({ by }) => by === web.id);
  if (held) throw new Error('a lease outlived its holder');
  await story.read(orch.id, 'sees that no file is held for web any more');
}

/** Tells the log until the watch fires, and has the orchestrator read what it says. */
export async function hearsWatch(stage: DayStage, watch: string): Promise<void> {
  const { orch, story } = stage;
  const { event } = await stage.until(
    ({ event }) => event.type === 'watch.fired' && event.watch === watch,
    'a watch that fires',
  );
  const { text } = await orch.hears(named('msg', event.id));
  await story.read(orch.id, 'is woken, and reads:');
  await story.quote(text);
}

async function takeOver(stage: DayStage, { dark }: HandedOut): Promise<void> {
  const { api, orch, story, shop } = stage;
  const { job, tree } = dark;
  const held = await api.claims({ kind: 'frontend' });
  if (held.job !== job) throw new Error('another job than this play’s was claimed');
  await stage.catchUp();
  await story.read(api.id, 'is told what was done before it:');
  await story.quote(held.handoff ?? '');
  await takesFiles(stage, api, tree, { files: [COLOURS], note: 'the receipt' });
  await shop.write(
    tree.path,
    COLOURS,
    '.cart { color: var(--ink) }\n.receipt { color: var(--ink) }\n',
  );
  await shop.commit(tree.path, 'api', 'Move the receipt to tokens');
  await api.finishes(held, 'all 23 components moved, the first 14 by web');
  await api.turns('idle', { input_tokens: 15_300, output_tokens: 2_200, cost_usd: 0.04 });
  await orch.hears(job);
  await stage.catchUp();
}
