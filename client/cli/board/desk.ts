// The desk of a shell: which board it means, and the mesh that knows what is done about its items.
import type { MethodName, Result } from '../../../schemas/method.js';
import type { BoardPlace, ChosenBoard } from '../../boards/choose.js';
import type { BoardDesk, BoardMesh } from '../../boards/moving.js';
import type { CallParams } from '../../sdk/api.js';
import { mintId } from '../../sdk/identity.js';
import type { Cli } from '../cli.js';
import { settingOf } from '../config/settings.js';
import { type AnyCall, brokerTime } from '../reach/calls.js';
import { folderOf } from '../reach/folder.js';

export const BOARD = 'md:PATH, github:OWNER/NUMBER, beads:, backlog: or folders: (default: found)';

/** The board that is named, or else configured, or else found. Rejects with a Failure. */
export async function chosenBoard(cli: Cli, named?: string): Promise<ChosenBoard> {
  const { chooseBoard } = await import('../../boards/choose.js');
  return chooseBoard(boardPlaceOf(cli), named);
}

/** Where this shell stands, and what its config says of boards. */
export function boardPlaceOf(cli: Cli): BoardPlace {
  const { directory, env } = cli.world;
  const said = settingOf(cli.settings, 'board');
  const isProject = cli.settings.some(layer => layer.isProject && layer.file === said?.file);
  const configured = said === undefined ? {} : { configured: { text: said.value, isProject } };
  return { directory, top: folderOf(directory).top, env, ...configured };
}

/** The desk; a broker that is not there is told of by the calls. */
export function deskOf(cli: Cli): BoardDesk {
  const mesh: BoardMesh = {
    newId: () => mintId(brokerTime.now()),
    call: async <M extends MethodName>(method: M, params: CallParams<M>): Promise<Result<M>> => {
      const reach = await cli.reach();
      const isSaid = method === 'board.move' || method === 'board.link';
      const call = (isSaid ? reach.speak : reach.look) as AnyCall;
      return call(method, params);
    },
  };
  return { mesh, state: cli.paths.state };
}
