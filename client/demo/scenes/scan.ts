// Scene 1: the company joins, and the orchestrator reads its board.
import { everyone } from '../company.js';
import type { PlayStage } from '../stage.js';

export async function scanBoard(stage: PlayStage): Promise<void> {
  const { story, board, orch } = stage;
  await story.scene('Scan', 'Four sessions join. The orchestrator reads its board, board.md.');
  for (const actor of everyone(stage)) await actor.enter();
  for (const { id } of everyone(stage)) {
    await stage.until(({ event }) => event.type === 'peer.joined' && event.peer === id, 'a join');
  }
  const items = await board.read();
  await story.board(items);
  const open = items.filter(({ status }) => status === 'todo');
  await story.read(orch.id, `finds ${open.length} items to do`);
}
