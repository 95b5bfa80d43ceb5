// One event of the log as one line for people: when, where, who, to whom, what.
import { type LogRecord, refsOf, type SignalEvent } from '../../schemas/event.js';
import { createMemory } from '../telling/memory.js';
import { tellingOf } from '../telling/sentences.js';
import { inWords, type Voice } from '../telling/telling.js';
import type { Names } from './names.js';
import { oneLine } from './safe.js';
import { shortId } from './short-id.js';
import type { Terminal } from './terminal.js';
import { clockTime, dayOf } from './times.js';
import { padTo, widthOf } from './width.js';

const LINE_CHARS = 400;
const CIRCLE_CHARS = 10;
const LEAST_CHARS = 20;
const NARROW_COLUMNS = 120;
/** Of the things that are named by a short id. */
const TYPED = /^(ask|msg|job|sched)_/;

/** Lines of records, with a line where a day begins, and the ids that stand in them. */
export type RecordLines = (records: readonly LogRecord[]) => { lines: string[]; ids: string[] };

/** The lines of records as they come, the first of them told at `now` (ms UTC). */
export function createRecordLines(terminal: Terminal, names: Names, now: number): RecordLines {
  let day = dayOf(now);
  return records => {
    const lines: string[] = [];
    const ids = new Set<string>();
    for (const record of records) {
      const today = dayOf(record.time);
      if (today !== day) lines.push(terminal.paint.dim(`— ${today} —`));
      day = today;
      lines.push(eventLine(record, names, terminal));
      // A renaming is told under the old name.
      names.learn(record.event);
      const id = idShown(record.event);
      if (id !== undefined) ids.add(id);
    }
    return { lines, ids: [...ids] };
  };
}

/** The line of a record; names are those known so far. */
export function eventLine(record: LogRecord, names: Names, terminal: Terminal): string {
  const { paint, width } = terminal;
  const { time, event } = record;
  const clock = clockTime(time);
  const isVoid = record.void !== undefined;
  const why = isVoid ? ` void: ${oneLine(record.void ?? '', 64)}` : '';
  const circle = padTo(oneLine(event.circle, isNarrow(width) ? CIRCLE_CHARS : 64), CIRCLE_CHARS);
  const taken = widthOf(`${clock} ${circle} ${why}`);
  const room = Number.isFinite(width) ? Math.max(LEAST_CHARS, width - taken) : LINE_CHARS;
  const said = oneLine(sentence(record, names), room);
  const line = [paint.dim(clock), paint.cyan(circle), isVoid ? paint.dim(said) : said].join(' ');
  return isVoid ? line + paint.red(why) : line;
}

function isNarrow(width: number): boolean {
  return width < NARROW_COLUMNS;
}

/** The id a person may want to type after seeing the event. */
export function idShown(event: SignalEvent): string | undefined {
  return refsOf(event).find(ref => TYPED.test(ref));
}

/** A line stands for itself: whoever follows for days remembers nothing of what went before. */
const nothing = createMemory();

function sentence(record: LogRecord, names: Names): string {
  const { by, to, said } = tellingOf(record, nothing);
  const voice: Voice = {
    peer: ({ id, name }) => name ?? names.of(id),
    thing: ({ noun, id }) => `${noun} ${shortId(id)}`,
    id: ({ id }) => shortId(id),
    pull: ({ url }) => url,
    progress: ({ share }) => `${Math.round(share * 100)}%`,
  };
  const who = by === undefined ? [] : [by, ...(to === undefined ? [] : [' → ', to]), ' '];
  return inWords([...who, ...said], voice);
}
