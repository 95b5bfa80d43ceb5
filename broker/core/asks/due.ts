// Asks whose deadline has come.
import type { Timed } from '../shared/timed.js';

export const timedAsks: Timed = {
  next: ({ asks }) => asks.deadlines.next(),
  due: ({ asks }, now, max) =>
    asks.deadlines.due(now, max).flatMap(ask => {
      const row = asks.open.get(ask);
      return row === undefined ? [] : [{ type: 'ask.expired', circle: row.circle, ask }];
    }),
};
