// The plan of a scene: what a row of the table plays, and how letters come while a model thinks.
import type { Abilities } from '../programs/program.js';
import type { Scene } from './scene.js';

/** A row of a runtime in the table. */
export interface ScenePlan {
  title: string;
  /** What the runtime must be able to do. */
  needs?: keyof Abilities;
  /** True where nobody can know whether the model saw it, so that it may come again, marked. */
  mayRepeat?: true;
  play(scene: Scene): Promise<void>;
}

/** While the model thinks, letters come; its next tool then ends, and hooks hand them over. */
export function sending(scene: Scene, more: () => unknown = () => {}) {
  return async () => {
    await scene.send();
    await more();
    return scene.work;
  };
}
