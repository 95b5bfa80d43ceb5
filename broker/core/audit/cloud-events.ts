// CloudEvents 1.0: an event of the log in the envelope that other event systems read.
import { isEventType, refsOf, type SignalEvent } from '../../../schemas/event.js';
import type { ShownEvent } from './export-lines.js';

/**
 * The event in the JSON format of CloudEvents; its position is its id, as an id alone may come
 * twice in a log. Extension attributes are texts, since CloudEvents' integers end at 2^31.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export function cloudEvent(
  { log, mesh }: { log: string; mesh: string },
  { position, event, void: reason }: ShownEvent,
  time: number,
): object {
  const { type, by, circle } = (event ?? {}) as Partial<SignalEvent>;
  const isKnown = typeof type === 'string' && isEventType(type);
  const subject = isKnown ? subjectOf(event as SignalEvent) : undefined;
  return {
    specversion: '1.0',
    id: `${position}`,
    source: `/signalbox/${mesh}/${log}`,
    type: `signalbox.${typeof type === 'string' ? type : 'malformed'}`,
    time: new Date(time).toISOString(),
    ...(subject !== undefined && { subject }),
    datacontenttype: 'application/json',
    position: `${position}`,
    ...(typeof by === 'string' && { author: by }),
    ...(typeof circle === 'string' && { circle }),
    ...(reason !== undefined && { voidreason: reason }),
    data: event,
  };
}

/** The first thing it is about; what was stored need not have the shape of its kind. */
function subjectOf(event: SignalEvent): string | undefined {
  try {
    const [first] = refsOf(event);
    return typeof first === 'string' && first !== '' ? first : undefined;
  } catch {
    return undefined;
  }
}
