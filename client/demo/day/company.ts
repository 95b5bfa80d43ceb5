// The company of the day: two orchestrators, three workers, and who decides for a person.
import { newIdentity } from '../../index.js';
import { Actor, type CastPart, type PlayPlace } from '../actor.js';
import { Orchestrator } from '../orchestrator.js';
import { PlayWorker } from '../worker.js';

export interface DayCompany {
  orch: Orchestrator;
  /** Who takes over. */
  next: Orchestrator;
  web: PlayWorker;
  api: PlayWorker;
  docs: PlayWorker;
  /** Stands in for the person. */
  ada: Actor;
}

/** Who plays; nobody is connected yet. */
export function dayCompany(place: PlayPlace): DayCompany {
  const part = (name: string, runtime: string, model: string): CastPart => {
    return { name, runtime, model, project: 'shop' };
  };
  const lead = (name: string, runtime: string, model: string) => {
    const leading = { ...part(name, runtime, model), role: 'orchestrator' as const };
    return new Orchestrator(place, leading, newIdentity());
  };
  const worker = (name: string, runtime: string, model: string) =>
    new PlayWorker(place, part(name, runtime, model), newIdentity());
  return {
    orch: lead('orch', 'Claude Code', 'claude-opus'),
    next: lead('orch-2', 'Codex', 'gpt-codex'),
    web: worker('web', 'Codex', 'gpt-codex'),
    api: worker('api', 'Gemini CLI', 'gemini-pro'),
    docs: worker('docs', 'OpenCode', 'claude-sonnet'),
    ada: new Actor(place, { name: 'ada', role: 'human' }, newIdentity()),
  };
}

export function wholeCompany({ orch, next, web, api, docs, ada }: DayCompany): Actor[] {
  return [ada, orch, next, web, api, docs];
}
