// The links of the causal tree: what an event makes, what that came of, and what came of it there.
import type { SignalEvent } from '../../../../schemas/event.js';
import { named } from '../../../../schemas/uuid.js';

const THING = /^(?:ask|msg|job|sched|watch)_/;

/** True for the id of something that has a thread. */
export function isThing(ref: string): boolean {
  return THING.test(ref);
}

/** What an event has made that is asked for by its id; one that fired has made one of two. */
export function madeIn(event: SignalEvent): string[] {
  switch (event.type) {
    case 'ask.opened':
      return [event.ask];
    case 'ask.fanned_out':
      return [event.group];
    case 'message.notified':
    case 'message.broadcast':
      return [event.message];
    case 'job.created':
      return [event.job];
    case 'job.due':
      return event.skipped === undefined ? [named('job', event.id)] : [];
    case 'schedule.created':
      return [event.schedule];
    case 'watch.created':
      return [event.watch];
    case 'schedule.fired':
    case 'watch.fired':
      return [named('ask', event.id), named('msg', event.id)];
    default:
      return [];
  }
}

/** The thing that brought it about, as the event that made it says. */
export function causeOf(event: SignalEvent): string | undefined {
  switch (event.type) {
    case 'ask.opened':
      return event.reply_to ?? event.caused_by;
    case 'message.notified':
      return event.caused_by ?? event.supersedes;
    case 'job.created': {
      const { caused_by, correlation } = event;
      return (
        caused_by ?? (correlation !== undefined && isThing(correlation) ? correlation : undefined)
      );
    }
    case 'ask.fanned_out':
    case 'message.broadcast':
    case 'schedule.created':
    case 'watch.created':
      return event.caused_by;
    case 'job.due':
      return event.job;
    case 'schedule.fired':
      return event.schedule;
    case 'watch.fired':
      return event.watch;
    default:
      return undefined;
  }
}

/** The label of a job that says of no thing that it came of it. */
export function labelOf(event: SignalEvent): string | undefined {
  if (event.type !== 'job.created' || causeOf(event) !== undefined) return undefined;
  return event.correlation;
}

/** Of one ask of a fan-out, the fan-out. */
export function groupOf(ref: string): string | undefined {
  const dot = ref.indexOf('.');
  return ref.startsWith('ask_') && dot > 0 ? ref.slice(0, dot) : undefined;
}
