// The day, played: eight scenes of an orchestrator's day, with real worktrees and a real board.
import type { PlayPlace } from '../actor.js';
import { type PutOnOptions, putOn } from '../put-on.js';
import { tellerOf } from '../stage.js';
import type { Story } from '../story.js';
import { closeOut } from './close-out.js';
import { dayCompany, wholeCompany } from './company.js';
import { DayBoard } from './day-board.js';
import type { DayStage, FilesOf } from './day-stage.js';
import { workerDies } from './death.js';
import { fanOut } from './fan-out.js';
import { handOver } from './handover.js';
import { takeLeases } from './leases.js';
import { askPermission } from './permission.js';
import { boardText, dayPulls } from './plan.js';
import { review } from './review.js';
import { scan } from './scan.js';
import { Workshop } from './workshop.js';

export interface DayOptions extends PutOnOptions {
  filesOf: FilesOf;
}

/** Plays once. Rejects as `putOn` does. */
export async function playDay(place: PlayPlace, story: Story, options: DayOptions): Promise<void> {
  const { directory, filesOf } = options;
  const company = dayCompany(place);
  const actors = wholeCompany(company);
  const title = 'An orchestrator’s day. Each timed line is an event of the log; git is real.';
  const needs = {
    roles: ['human', 'orchestrator', 'agent'],
    verbs: ['observe', 'speak', 'operate'],
  } as const;
  const cast = { actors, pulls: Object.values(dayPulls), title, needs };
  await putOn(place, story, options, cast, async witness => {
    const shop = await Workshop.open(directory);
    const board = await DayBoard.write(directory, boardText);
    const teller = tellerOf(actors, { story, witness });
    await act({ ...company, ...teller, story, board, shop, filesOf });
  });
}

async function act(stage: DayStage): Promise<void> {
  await scan(stage);
  const handed = await fanOut(stage);
  await takeLeases(stage, handed);
  await workerDies(stage, handed);
  await askPermission(stage);
  await review(stage, handed);
  await handOver(stage);
  await closeOut(stage, handed);
}
