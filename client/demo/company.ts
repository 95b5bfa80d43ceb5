// The company of the play: who takes part, how they come, and how they go whatever happens.
import { limits } from '../../schemas/limits.js';
import { callOnce, newIdentity } from '../index.js';
import type { Identity } from '../sdk/api.js';
import type { Actor, PlayPlace } from './actor.js';
import { Orchestrator } from './orchestrator.js';
import { PlayWorker } from './worker.js';

export interface Company {
  orch: Orchestrator;
  web: PlayWorker;
  api: PlayWorker;
  docs: PlayWorker;
}

/** Who plays; nobody is connected yet. Runtimes are mixed, as they are in a mesh. */
export function castFor(place: PlayPlace): Company {
  const project = 'shop';
  const part = (name: string, runtime: string, model: string) => ({
    name,
    runtime,
    model,
    project,
  });
  const worker = (name: string, runtime: string, model: string) =>
    new PlayWorker(place, part(name, runtime, model), newIdentity());
  const lead = { ...part('orch', 'Claude Code', 'claude-opus'), role: 'orchestrator' as const };
  return {
    orch: new Orchestrator(place, lead, newIdentity()),
    web: worker('web', 'Codex', 'gpt-codex'),
    api: worker('api', 'Gemini CLI', 'gemini-pro'),
    docs: worker('docs', 'OpenCode', 'claude-sonnet'),
  };
}

export function everyone({ orch, web, api, docs }: Company): Actor[] {
  return [orch, web, api, docs];
}

/**
 * Ends what the play has left open and retires those who are still there, however far it came.
 * Nothing is thrown, so that the reason for the end stays the one told. `pulls` are those that were
 * played.
 */
export async function disband(actors: readonly Actor[], pulls: readonly string[]): Promise<void> {
  await Promise.all(actors.map(actor => actor.close()));
  const left = actors.filter(actor => actor.isInvolved);
  for (const actor of left) {
    if (actor instanceof Orchestrator) await withdraw(actor, pulls).catch(() => {});
  }
  await Promise.all(left.map(({ place, identity }) => leave(place, identity).catch(() => {})));
}

function credentialOf({ url }: PlayPlace, { peer, secret }: Identity) {
  return { url, credential: `${peer}.${secret}`, wait_ms: limits.cli_probe_ms };
}

/** Jobs, schedules and pull requests outlive their maker. */
async function withdraw(
  { place, identity }: Orchestrator,
  pulls: readonly string[],
): Promise<void> {
  const as = credentialOf(place, identity);
  const { peer } = identity;
  const { rows: jobs } = await callOnce(as, 'job.list', { circle: place.circle });
  const left = jobs.filter(({ from, owner, ended_at }) => (owner ?? from) === peer && !ended_at);
  const reason = 'the demo was ended';
  for (const { job } of left) await callOnce(as, 'job.cancel', { job, reason });
  const { rows: schedules } = await callOnce(as, 'schedule.list', { state: 'active' });
  for (const { schedule } of schedules) await callOnce(as, 'schedule.cancel', { schedule });
  const { rows: reviews } = await callOnce(as, 'review.queue', {});
  const mine = reviews.filter(({ pr_url }) => pulls.includes(pr_url));
  for (const { pr_url } of mine) await callOnce(as, 'review.forget', { pr_url });
  const { budgets } = await callOnce(as, 'usage.list', { circle: place.circle });
  if (budgets.some(each => each.peer === peer)) await callOnce(as, 'usage.budget', { peer });
}

async function leave(place: PlayPlace, identity: Identity): Promise<void> {
  await callOnce(credentialOf(place, identity), 'peer.leave', {});
}
