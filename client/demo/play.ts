// The play: six scenes of the orchestrator's loop, live against a running broker.
import type { PlayPlace } from './actor.js';
import { createBoard } from './board.js';
import { castFor, everyone } from './company.js';
import { type PutOnOptions, putOn } from './put-on.js';
import { closeOut } from './scenes/close-out.js';
import { decide } from './scenes/decide.js';
import { dispatch } from './scenes/dispatch.js';
import { boardText, pulls } from './scenes/plan.js';
import { review } from './scenes/review.js';
import { scanBoard } from './scenes/scan.js';
import { track } from './scenes/track.js';
import { type PlayStage, setStage } from './stage.js';
import type { Story } from './story.js';

/** Plays once. Rejects as `putOn` does. */
export async function play(place: PlayPlace, story: Story, options: PutOnOptions): Promise<void> {
  const company = castFor(place);
  const title = 'An orchestrator and three workers. Each timed line is an event of the log.';
  const cast = { actors: everyone(company), pulls: Object.values(pulls), title };
  await putOn(place, story, options, cast, async witness => {
    const board = await createBoard(options.directory, boardText);
    await act(setStage({ company, story, board, witness }));
  });
}

async function act(stage: PlayStage): Promise<void> {
  await scanBoard(stage);
  const dispatched = await dispatch(stage);
  await track(stage, dispatched);
  const leave = await decide(stage);
  await review(stage);
  await closeOut(stage, leave);
}
