// Scene 4: leave is asked and given, everybody is asked at once, and a check-in comes by itself.
import { limits } from '../../../schemas/limits.js';
import { named } from '../../../schemas/uuid.js';
import type { PlayStage } from '../stage.js';

/** The ask for leave, whose trace is shown at the end. */
export async function decide(stage: PlayStage): Promise<string> {
  const { story } = stage;
  const line = 'A worker asks before it acts. One ask goes to all. A check-in comes by itself.';
  await story.scene('Decide and check in', line);
  const leave = await permission(stage);
  const schedule = await scheduled(stage);
  await fanOut(stage);
  await checkIn(stage, schedule);
  return leave;
}

async function permission({ orch, api, ...stage }: PlayStage): Promise<string> {
  const options = [
    { id: 'allow', label: 'allow' },
    { id: 'deny', label: 'deny' },
  ];
  const leave = await api.asksLeave(orch, 'may I migrate staging?', options);
  await orch.answers(leave, { option: 'allow', text: 'staging only, not production' });
  await api.hears(leave);
  await stage.catchUp();
  return leave;
}

async function scheduled({ orch, docs, ...stage }: PlayStage): Promise<string> {
  const schedule = await orch.schedulesAsk(docs, 'is the outline done?', limits.demo_ahead_s);
  await stage.catchUp();
  return schedule;
}

async function fanOut({ orch, web, api, docs, story, ...stage }: PlayStage): Promise<void> {
  const { group, asks } = await orch.fansOut([web, api, docs], 'where do you stand?');
  const [toWeb = '', toApi = '', toDocs = ''] = asks;
  await web.answers(toWeb, { text: 'back again, free for the next job' });
  await api.answers(toApi, { text: 'both jobs done, pull requests are up' });
  await docs.answers(toDocs, { text: 'last heading of the outline' });
  await stage.catchUp();
  const rows = await orch.rollup(group);
  await story.table(
    ['PEER', 'STATUS', 'REPLY'],
    rows.map(({ peer, status, reply }) => [story.name(peer), status, reply?.text ?? '']),
  );
}

async function checkIn({ orch, docs, ...stage }: PlayStage, schedule: string): Promise<void> {
  const { event } = await stage.until(
    ({ event }) => event.type === 'schedule.fired' && event.schedule === schedule,
    'a schedule that fires',
  );
  const ask = named('ask', event.id);
  await docs.answers(ask, { text: 'yes, it is in guide/outline.md' });
  await orch.hears(ask);
  await stage.catchUp();
}
