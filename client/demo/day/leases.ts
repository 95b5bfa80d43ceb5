// Scene 3: workers say which files they are at, and who comes second is told who has them.
import { RefusalError } from '../../sdk/errors.js';
import { type DayStage, type HandedOut, takesFiles } from './day-stage.js';
import { COLOURS, ERRORS, GUIDE, LOGIN } from './plan.js';

export async function takeLeases(stage: DayStage, handed: HandedOut): Promise<void> {
  const { story, web, api, docs } = stage;
  const { dark, login, guide } = handed;
  const line = 'Worktrees merge later. A lease tells now who is at which files of the project.';
  await story.scene('File leases', line);
  await takesFiles(stage, web, dark.tree, { files: [COLOURS], note: 'colours to tokens' });
  await takesFiles(stage, docs, guide.tree, { files: [GUIDE, ERRORS], note: 'the codes as text' });
  await takesFiles(stage, api, login.tree, { files: [LOGIN], note: 'counting tries' });
  await stage.catchUp();
  const wanted = { files: [ERRORS], note: 'a new code, 429' };
  const refused = await takesFiles(stage, api, login.tree, wanted).catch((error: unknown) => error);
  if (!(refused instanceof RefusalError) || refused.refusal !== 'lease_held') {
    throw new Error('two peers were given the same file');
  }
  await story.read(api.id, `wants ${ERRORS} and is refused: ${refused.message}`);
  const { project, paths } = stage.filesOf([ERRORS], guide.tree.path);
  await docs.call('lease.release', { project, paths: [...paths] });
  await takesFiles(stage, api, login.tree, wanted);
  await stage.catchUp();
}
