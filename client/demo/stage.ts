// The stage: the company, its board, and the log as far as it has been told.
import type { LogRecord } from '../../schemas/event.js';
import type { Actor } from './actor.js';
import type { PlayBoard } from './board.js';
import { type Company, everyone } from './company.js';
import type { Story } from './story.js';
import type { Witness } from './witness.js';

/** Tells the log, as far as the play has come. */
export interface LogTeller {
  /** What was told. */
  readonly told: readonly LogRecord[];
  /** Tells the log up to the newest thing that anybody of the company did. */
  catchUp(): Promise<void>;
  /** Tells the log up to the first event that fits; at once when it is told already. */
  until(fits: (record: LogRecord) => boolean, what: string): Promise<LogRecord>;
}

export interface PlayStage extends Company, LogTeller {
  readonly story: Story;
  readonly board: PlayBoard;
}

/** The log as the witness reads it, told to the story. */
export function tellerOf(
  actors: readonly Actor[],
  { story, witness }: { story: Story; witness: Witness },
): LogTeller {
  const told: LogRecord[] = [];
  const tellNext = async (what: string) => {
    const record = await witness.next(what);
    told.push(record);
    await story.event(record);
  };
  return {
    told,
    catchUp: async () => {
      const newest = Math.max(...actors.map(({ position }) => position));
      while ((told.at(-1)?.position ?? 0) < newest) await tellNext('what was just done');
    },
    until: async (fits, what) => {
      for (;;) {
        const found = told.find(fits);
        if (found !== undefined) return found;
        await tellNext(what);
      }
    },
  };
}

export function setStage(parts: {
  company: Company;
  story: Story;
  board: PlayBoard;
  witness: Witness;
}): PlayStage {
  const { company, story, board } = parts;
  return { ...company, story, board, ...tellerOf(everyone(company), parts) };
}
