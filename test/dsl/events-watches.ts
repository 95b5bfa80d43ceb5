// What people want to be told of, and what brokers make of it when the time has come.
import type { EventOf } from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';
import { broker, type Draft, type Person, says, uuid } from './events.js';

export const watchNo = (n: number) => named('watch', uuid(n));

type Made = Partial<EventOf<'watch.created'>> & Pick<EventOf<'watch.created'>, 'when'>;

/** A person wants another to be told, at most once a minute, of what `more` says. */
export function watches(n: number, who: Person, to: Person, more: Made): Draft {
  return says(who, 'watch.created', {
    id: uuid(n),
    watch: watchNo(n),
    to: to.peer,
    circle: to.circle,
    tell: 'notify',
    once: false,
    quiet_s: 60,
    ...more,
  });
}

export const unwatches = (who: Person, n: number, circle = who.circle) =>
  says(who, 'watch.cancelled', { watch: watchNo(n), circle });

/** The n-th watch fires about these, for the `number`-th time; its words bear the number `id`. */
export function watchFires(
  n: number,
  id: number,
  about: string[],
  more: Partial<EventOf<'watch.fired'>>,
): Draft {
  const what = { watch: watchNo(n), circle: 'default', number: 1, up_to: 0, about };
  return broker('watch.fired', { id: uuid(id), ...what, ...more });
}
