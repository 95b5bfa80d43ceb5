// One orchestrator takes over from another, as an event.
import type { EventOf } from '../../schemas/event.js';
import { type Draft, type Person, person, says } from './events.js';

type Handed = Partial<EventOf<'orchestrator.handed_over'>>;

/** The orchestrator of before, and those who may go on for it. */
export const boss = person('boss', { role: 'orchestrator' });
export const deputy = person('deputy', { role: 'orchestrator' });
export const third = person('third', { role: 'orchestrator' });
export const ann = person('ann', { role: 'human' });

/** Somebody takes the place of another. */
export const takesOver = (who: Person, of: Person, more: Handed = {}): Draft =>
  says(who, 'orchestrator.handed_over', { of: of.peer, to: who.peer, circle: of.circle, ...more });

/** Somebody gives its place away, or another's. */
export const handsOver = (who: Person, of: Person, to: Person, more: Handed = {}): Draft =>
  takesOver(who, of, { to: to.peer, ...more });
