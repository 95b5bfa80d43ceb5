// The play: six scenes of the orchestrator's loop, live against a running broker.
import { connect } from '../index.js';
import type { PlayPlace } from './actor.js';
import { createBoard } from './board.js';
import { castFor, disband } from './company.js';
import { closeOut } from './scenes/close-out.js';
import { decide } from './scenes/decide.js';
import { dispatch } from './scenes/dispatch.js';
import { boardText } from './scenes/plan.js';
import { review } from './scenes/review.js';
import { scanBoard } from './scenes/scan.js';
import { track } from './scenes/track.js';
import { type PlayStage, setStage } from './stage.js';
import type { Story } from './story.js';
import { openWitness } from './witness.js';

/** How a play is put on. */
export interface PlayOptions {
  /** On which broker, and where there. */
  where: string;
  /** What the reader may type next. */
  next: readonly (readonly [command: string, what: string])[];
  /** Where the board may lie; whoever puts it on removes it. */
  directory: string;
  /** Ends the play. */
  signal: AbortSignal;
}

/**
 * Plays once. Whatever happens, also when the signal aborts it, its peers have left afterwards and
 * nothing of it waits for anybody. Rejects with RefusalError, ClientError, or the signal's reason.
 */
export async function play(place: PlayPlace, story: Story, options: PlayOptions): Promise<void> {
  const { signal } = options;
  // Tried once: who waits for a demo wants to know at once that there is no broker.
  const client = await connect({ url: place.url, credential: place.credential, wait_ms: 0 });
  const company = castFor(place);
  try {
    await story.title(
      `signalbox demo, live ${options.where}`,
      'An orchestrator and three workers. Each timed line is an event of the log.',
    );
    const board = await createBoard(options.directory, boardText);
    const witness = await openWitness(client, place.circle);
    const scenes = act(setStage({ company, story, board, witness }));
    await Promise.race([scenes, aborted(signal)]);
  } finally {
    await disband(company);
    await client.close();
  }
  await story.end(options.next);
}

async function act(stage: PlayStage): Promise<void> {
  await scanBoard(stage);
  const dispatched = await dispatch(stage);
  await track(stage, dispatched);
  const leave = await decide(stage);
  await review(stage);
  await closeOut(stage, leave);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
