// Proposals of the noun board: a peer says what it moved or linked, in its own circle.
import { type Commands, type Propose, self } from '../shared/command-context.js';

const proposeMove: Propose<'board.move', 'board.moved'> = (context, { id: _, ...said }) => ({
  circle: self(context).circle,
  ...said,
});

const proposeLink: Propose<'board.link', 'board.linked'> = (
  context,
  { id: _, remove, ...said },
) => ({
  circle: self(context).circle,
  ...said,
  ...(remove && { remove }),
});

export const boardCommands = {
  'board.move': proposeMove,
  'board.link': proposeLink,
} satisfies Commands;
