// What a reader of the log remembers, so that a later event can be told in more words: titles.
import type { Question } from '../../schemas/ask.js';
import type { LogRecord, SignalEvent } from '../../schemas/event.js';
import { refsOf } from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';

/** An ask as far as it matters to those who hear of its end. */
export interface AskTold {
  from: string;
  to: string;
  question?: Question;
}

/** What is known from the records so far. */
export interface Memory {
  /** By ask; a schedule stands for the asks it will open. */
  readonly asks: ReadonlyMap<string, AskTold>;
  /** The titles of jobs, the texts of asks and schedules, the paths of leases. */
  readonly titles: ReadonlyMap<string, string>;
  /** How often each job was claimed. */
  readonly attempts: ReadonlyMap<string, number>;
  /** Who lost the connection and is not back yet. */
  readonly away: ReadonlySet<string>;
  /** Takes in an event; what took no effect teaches nothing. */
  learn(record: LogRecord): void;
}

/** A memory that knows nothing yet. */
export function createMemory(): Memory {
  const asks = new Map<string, AskTold>();
  const titles = new Map<string, string>();
  const attempts = new Map<string, number>();
  const away = new Set<string>();
  const entitle = (id: string, title: string | undefined) => {
    if (title !== undefined) titles.set(id, title);
  };
  const learnEvent = (event: SignalEvent) => {
    switch (event.type) {
      case 'ask.opened':
        asks.set(event.ask, askOf(event.by, event.to, event.question));
        titles.set(event.ask, event.text);
        return;
      case 'ask.fanned_out':
        for (const [n, ask] of refsOf(event).slice(1).entries()) {
          asks.set(ask, askOf(event.by, event.to[n] ?? '', event.question));
          titles.set(ask, event.text);
        }
        return;
      case 'job.created':
        titles.set(event.job, event.title);
        return;
      case 'job.claimed':
        attempts.set(event.job, (attempts.get(event.job) ?? 0) + 1);
        return;
      case 'schedule.created':
        titles.set(event.schedule, event.text);
        asks.set(event.schedule, { from: event.by, to: event.to });
        return;
      case 'schedule.fired':
        asks.set(named('ask', event.id), asks.get(event.schedule) ?? { from: event.by, to: '' });
        entitle(named('ask', event.id), titles.get(event.schedule));
        return;
      case 'lease.taken':
        titles.set(named('lease', event.id), `${several(event.paths)} of ${event.project}`);
        return;
      case 'orchestrator.handed_over':
        // Whoever asked, or was asked, is told of by its successor from now on.
        for (const thing of event.things ?? []) {
          const told = asks.get(thing);
          if (told === undefined) continue;
          const heir = (peer: string) => (peer === event.of ? event.to : peer);
          asks.set(thing, { ...told, from: heir(told.from), to: heir(told.to) });
        }
        return;
      case 'peer.disconnected':
        away.add(event.peer);
        return;
      case 'peer.connected':
        away.delete(event.peer);
        return;
    }
  };
  return {
    asks,
    titles,
    attempts,
    away,
    learn: record => {
      if (record.void === undefined) learnEvent(record.event);
    },
  };
}

function askOf(from: string, to: string, question: unknown): AskTold {
  return question === undefined ? { from, to } : { from, to, question: question as Question };
}

/** The first of several, and how many more there are. */
export function several(names: readonly string[]): string {
  const [first = '', ...more] = names;
  return more.length > 0 ? `${first} and ${more.length} more` : first;
}
