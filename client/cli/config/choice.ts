// Which broker is meant, by the one order that holds everywhere: the first that says anything.
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { isContextName, LOCAL } from './contexts.js';
import type { Settings } from './settings.js';

/** What was typed of it. */
export interface TypedPlace {
  context?: string;
  url?: string;
  data?: string;
  mesh?: string;
}

/** What is meant, and who said so. */
export interface Choice {
  /** A context, or `local` for the broker of this machine, whatever the environment says. */
  context?: string;
  mesh: string;
  /** The option, variable or file that decided; none where nothing was said. */
  by?: string;
  /** True where that is the file of a project, which may come from anybody. */
  isOfProject?: true;
}

/**
 * Precedence: options, environment, the project's file, the user's file, the broker here. Where
 * the environment says whose shell this is, a project has no say: it would choose who is shown
 * that agent's secret.
 */
export function chooseBroker(typed: TypedPlace, env: NodeJS.ProcessEnv, files: Settings): Choice {
  const isBound = Boolean(env.SIGNALBOX_PEER && env.SIGNALBOX_SECRET_FILE);
  const settings = isBound ? files.filter(({ isProject }) => !isProject) : files;
  const ofFiles = settings.find(({ values }) => values.mesh !== undefined);
  const mesh = typed.mesh ?? ofFiles?.values.mesh ?? 'default';
  const is = (name: string, by: string): Choice => ({ mesh, context: checked(name, by), by });
  if (typed.context !== undefined) {
    const other = (['url', 'data', 'mesh'] as const).find(name => typed[name] !== undefined);
    const isLocal = typed.context === LOCAL && other !== 'url';
    if (other === undefined || isLocal) return is(typed.context, '--context');
    throw new Failure('usage', `either --context or --${other}: both name a broker`);
  }
  if (typed.url !== undefined) return { mesh, by: '--url' };
  if (typed.data !== undefined) return { mesh, by: '--data' };
  if (env.SIGNALBOX_URL) return { mesh, by: 'SIGNALBOX_URL' };
  if (typed.mesh !== undefined) return { mesh, by: '--mesh' };
  if (env.SIGNALBOX_CONTEXT) return is(env.SIGNALBOX_CONTEXT, 'SIGNALBOX_CONTEXT');
  for (const { values, file, isProject } of settings) {
    if (values.context !== undefined) {
      return { ...is(values.context, file), ...(isProject && { isOfProject: true }) };
    }
    if (values.mesh !== undefined) return { mesh: values.mesh, by: file };
  }
  return { mesh };
}

function checked(name: string, by: string): string {
  if (name === LOCAL || isContextName(name)) return name;
  throw new Failure('usage', `${by}: ${oneLine(name, 64)} is no name of a context`, {
    hint: 'use 1-64 of a-z 0-9 . _ - and begin with a letter or digit',
  });
}
