// How work that is to fail would end a command: the name of its exit, or that it did not fail.
import { Failure } from '../../client/terminal/exit.js';

export function exitOf(work: () => unknown): string {
  try {
    work();
    return 'ok';
  } catch (error) {
    return error instanceof Failure ? error.exit : String(error);
  }
}
