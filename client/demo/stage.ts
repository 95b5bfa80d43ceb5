// The stage: the company, its board, and the log as far as it has been told.
import type { LogRecord } from '../../schemas/event.js';
import type { PlayBoard } from './board.js';
import { type Company, everyone } from './company.js';
import type { Story } from './story.js';
import type { Witness } from './witness.js';

export interface PlayStage extends Company {
  readonly story: Story;
  readonly board: PlayBoard;
  /** Tells the log up to the newest thing that anybody of the company did. */
  catchUp(): Promise<void>;
  /** Tells the log up to the first event that fits; at once when it is told already. */
  until(fits: (record: LogRecord) => boolean, what: string): Promise<LogRecord>;
}

export function setStage(parts: {
  company: Company;
  story: Story;
  board: PlayBoard;
  witness: Witness;
}): PlayStage {
  const { company, story, board, witness } = parts;
  const told: LogRecord[] = [];
  const tellNext = async (what: string) => {
    const record = await witness.next(what);
    told.push(record);
    await story.event(record);
  };
  return {
    ...company,
    story,
    board,
    catchUp: async () => {
      const newest = Math.max(...everyone(company).map(({ position }) => position));
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
