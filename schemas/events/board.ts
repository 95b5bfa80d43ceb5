// The events of the noun board: records of what peers moved on a board that lives elsewhere.
import { oneOf } from '../shape.js';
import { event } from './row.js';

/** What a column of any board comes to; `unknown` where its word says nothing of the kind. */
export const boardStatuses = [
  'todo',
  'in_progress',
  'in_review',
  'blocked',
  'done',
  'unknown',
] as const;
export type BoardStatus = (typeof boardStatuses)[number];

/** What both are about: one item of a board, by names that the board's own keeper gives. */
const place = { board: 'string', item: 'string', title: 'string?' } as const;

/** An item as one thing that is looked for in the log, beside what it is linked with. */
const refs = ({ board, item, ref }: { board: string; item: string; ref?: string }) => [
  `${board}#${item}`,
  ...(ref === undefined ? [] : [ref]),
];

export const boardEvents = {
  // `from` and `to` are the board's own words, `status` what `to` comes to.
  'board.moved': event({
    since: 3,
    by: 'speak',
    methods: ['board.move'],
    fields: {
      ...place,
      from: 'string?',
      to: 'string',
      status: oneOf(boardStatuses),
      url: 'string?',
      ref: 'string?',
    },
    refs,
  }),
  'board.linked': event({
    since: 3,
    by: 'speak',
    methods: ['board.link'],
    fields: { ...place, ref: 'string', remove: 'boolean?' },
    refs,
  }),
};
