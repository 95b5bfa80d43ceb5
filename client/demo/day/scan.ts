// Scene 1: six sessions join, and the orchestrator scans its board.
import { wholeCompany } from './company.js';
import { type DayStage, showBoard } from './day-stage.js';

export async function scan(stage: DayStage): Promise<void> {
  const { story, board, orch } = stage;
  await story.scene('Scan', 'Six sessions join. The orchestrator scans its board, board.md.');
  for (const actor of wholeCompany(stage)) await actor.enter();
  for (const { id } of wholeCompany(stage)) {
    await stage.until(({ event }) => event.type === 'peer.joined' && event.peer === id, 'a join');
  }
  const scanned = await board.scan(orch);
  await showBoard(story, scanned);
  const ready = scanned.items.filter(({ isReady }) => isReady);
  await story.read(orch.id, `finds ${ready.length} items ready: to do, and nobody is at them`);
}
