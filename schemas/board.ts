// The noun board: what the mesh recorded of items of boards, which stay the truth of themselves.
import { z } from 'zod';
import * as c from './common.js';
import { boardStatuses } from './events/board.js';
import { limits } from './limits.js';

const line = (chars: number) =>
  z
    .string()
    .min(1)
    .max(chars)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line');

const place = {
  board: line(limits.board_chars).describe('Which board, like md:/home/me/work/TODO.md.'),
  item: line(limits.board_item_chars).describe('Which item, by the id that a scan tells.'),
};
const title = line(limits.label_chars).optional().describe('Its title. Left out: not told.');
const ref = line(limits.board_ref_chars);

export const boardStatus = z.enum(boardStatuses);

export const boardRow = z.object({
  board: z.string(),
  item: z.string(),
  circle: z.string(),
  title: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional().describe('Where it was last moved, in the board’s own word.'),
  status: boardStatus.optional(),
  url: z.string().optional(),
  by: z.string().optional().describe('Who moved it last.'),
  by_name: c.peerName,
  moved_at: c.time.optional(),
  links: z.array(
    z.object({ ref: z.string(), by: z.string(), by_name: c.peerName, linked_at: c.time }),
  ),
  position: c.position,
});
export type BoardRow = z.infer<typeof boardRow>;

const said = { who: 'peer', verb: 'speak', result: c.applied } as const;

export const boardMethods = {
  'board.move': c.method({
    params: z.strictObject({
      ...c.command,
      ...place,
      title,
      from: line(limits.label_chars)
        .optional()
        .describe('Where it was, in the board’s own word. Left out: not told.'),
      to: line(limits.label_chars).describe('Where it is now, in the board’s own word.'),
      status: boardStatus.default('unknown').describe('What that word comes to.'),
      url: line(limits.url_chars).optional().describe('Its address. Left out: not told.'),
      ref: ref.optional().describe('What it was moved for, kept as a link. Left out: nothing.'),
    }),
    ...said,
    help: 'Record that an item of a board was moved; the board itself is moved by its own keeper.',
  }),
  'board.link': c.method({
    params: z.strictObject({
      ...c.command,
      ...place,
      title,
      ref: ref.describe('A job, ask, peer, pull request (its URL) or worktree (its path).'),
      remove: z.boolean().default(false).describe('Whether the link is taken away.'),
    }),
    ...said,
    help: 'Record what is being done about an item of a board.',
  }),
  'board.list': c.method({
    params: z.strictObject({
      board: place.board.optional().describe('Only of this board. Left out: of all.'),
      item: place.item.optional().describe('Only this item. Left out: all.'),
      circle: c.circleOfList,
      ...c.page,
    }),
    result: c.rows(boardRow),
    who: 'token',
    verb: 'any',
    help: 'What was last recorded of items of boards, and what they are linked with.',
  }),
};
