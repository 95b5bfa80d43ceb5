// Scene 5: a worker asks before it acts, and a person decides.
import type { DayStage } from './day-stage.js';
import { remark } from './plan.js';

export async function askPermission(stage: DayStage): Promise<void> {
  const { story, board, ada, api } = stage;
  const line = 'A worker asks before it acts. A person decides; here somebody stands in for her.';
  await story.scene('Permission', line);
  const options = [
    { id: 'allow', label: 'allow' },
    { id: 'deny', label: 'deny' },
  ];
  const leave = await api.asksLeave(ada, 'may I migrate the login table on staging?', options);
  await ada.answers(leave, { option: 'allow', text: 'staging only' });
  await api.hears(leave);
  await stage.catchUp();
  await board.writeByHand(remark);
  await story.read(ada.id, `writes on the board by hand: “${remark.trim()}”`);
}
