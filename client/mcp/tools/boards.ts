// Tools for boards: what is ready to be handed out, an item moved, and linked with who does it.

import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { type ChosenBoard, chooseBoard } from '../../boards/choose.js';
import { linkItem, moveItem } from '../../boards/moving.js';
import { type LinkStanding, type StandingItem, standingScan } from '../../boards/standing.js';
import { mintId } from '../../sdk/identity.js';
import { Failure } from '../../terminal/exit.js';
import type { Facts } from '../facts.js';
import type { Mesh, Tool, ToolCall } from '../tool.js';
import { quote } from '../words.js';

const board = {
  type: 'string',
  description:
    'Which, as github:acme/7, md:board.md, beads: or backlog:. Left out: this project’s.',
};
const item = { type: 'string', description: 'Its id, the beginning of it, its title or address.' };
const ref = 'A job, ask or peer by its whole id, a pull request (URL) or worktree (absolute path).';

const scan: Tool = {
  name: 'board_scan',
  help: 'What is ready on a board (to do, not blocked, nobody at it), and what is done about it.',
  effect: 'reads',
  schema: {
    type: 'object',
    properties: {
      which: {
        type: 'string',
        enum: ['ready', 'open', 'all', 'mine'],
        description: 'Which items; open is all that is not done.',
        default: 'ready',
      },
      board,
      max: { type: 'integer', description: 'Items at most.', default: limits.mcp_rows_items },
      after: { type: 'string', description: 'The id of the last item of the answer before.' },
    },
  },
  run: runScan,
};

const move: Tool = {
  name: 'board_move',
  help: 'Move an item of a board to another column. Says so when somebody else was faster.',
  effect: 'says',
  schema: {
    type: 'object',
    properties: {
      item,
      to: { type: 'string', description: 'The column, or a status as "in progress" or "done".' },
      from: { type: 'string', description: 'Only while it stands there. Left out: wherever.' },
      revision: { type: 'string', description: 'Only while unchanged since that scan.' },
      ref: { type: 'string', description: `What it is moved for. ${ref}` },
      board,
    },
    required: ['item', 'to'],
  },
  run: runMove,
};

const link: Tool = {
  name: 'board_link',
  help: 'Say what is being done about an item of a board; a scan then tells how that stands.',
  effect: 'says',
  schema: {
    type: 'object',
    properties: {
      item,
      ref: { type: 'string', description: ref },
      remove: { type: 'boolean', description: 'Take the link away.', default: false },
      board,
    },
    required: ['item', 'ref'],
  },
  run: runLink,
};

/** Behind `more`. */
export const boardTools: readonly Tool[] = [scan, move, link];

const whiches = {
  ready: ({ isReady }: StandingItem) => isReady,
  open: ({ status }: StandingItem) => status !== 'done',
  all: () => true,
  mine: ({ isMine }: StandingItem) => isMine,
};

async function runScan({ args, mesh }: ToolCall): Promise<Facts> {
  const { board, others } = chosen(mesh, args.board);
  const which = args.which ?? 'ready';
  if (typeof which !== 'string' || !Object.hasOwn(whiches, which)) {
    throw new Failure('usage', `which must be one of ${Object.keys(whiches).join(', ')}`);
  }
  const max = typeof args.max === 'number' && args.max >= 1 ? args.max : limits.mcp_rows_items;
  const scanned = await standingScan(board, deskOf(mesh));
  const fits = scanned.items.filter(whiches[which as keyof typeof whiches]);
  const from = 1 + fits.findIndex(({ id }) => id === args.after);
  const shown = fits.slice(from, from + max);
  const left = fits.length - from - shown.length;
  const doubts = scanned.items.flatMap(({ id, doubts: [doubt] }) =>
    doubt === undefined ? [] : [`${id}: ${quote(doubt)}`],
  );
  const open = scanned.items.filter(({ status }) => status !== 'done').length;
  return {
    board: quote(board.name),
    items: shown.map(itemFacts),
    ...(shown.length === 0 && { none: `nothing is ${which}; ${open} items are not done` }),
    more:
      left > 0 ? `${left} more: board_scan which=${which} after=${shown.at(-1)?.id}` : undefined,
    columns: scanned.columns.map(column => quote(column, limits.board_word_chars)),
    doubts: doubts.length > 0 ? doubts.slice(0, limits.board_named_items) : undefined,
    notes: scanned.notes.length > 0 ? scanned.notes.map(note => quote(note)) : undefined,
    unknown: scanned.unknown && `what the mesh does is not known: ${quote(scanned.unknown)}`,
    others: others.length > 0 ? quote(others.join(' ')) : undefined,
    next: 'hand it out (ask, job_create), then: board_move item=<id> to="in progress" ref=<its id>',
  };
}

function itemFacts({ id, title, column, owners, ...rest }: StandingItem): Facts {
  const { priority, url, blocked_by, doing, revision, isReady } = rest;
  const list = (words: readonly string[]) =>
    words.length > 0 ? quote(words.join(', ')) : undefined;
  return {
    id: quote(id),
    title: quote(title),
    column: quote(column, limits.board_word_chars),
    owner: list(owners),
    priority: quote(priority),
    waits_for: list(blocked_by),
    doing: list(doing.map(inWords)),
    url: quote(url),
    ...(!isReady && { revision }),
  };
}

function inWords({ ref, state = 'not known', who, about }: LinkStanding): string {
  return `${ref} ${state}${who ? ` (${who})` : ''}${about ? ` ${about}` : ''}`;
}

async function runMove({ args, mesh }: ToolCall): Promise<Facts> {
  const { board } = chosen(mesh, args.board);
  const wanted = {
    ...{ item: `${args.item}`, to: `${args.to}`, from: text(args.from) },
    ...{ revision: text(args.revision), ref: text(args.ref) },
  };
  const { outcome, item, from, doubt } = await moveItem(board, wanted, deskOf(mesh));
  const next = {
    moved: 'when its work ends, move it on by board_move; what else is ready: board_scan',
    already: 'nothing was to be done; it may be another’s: board_scan which=open says who is at it',
    elsewhere: 'somebody else moved or changed it, and it was left there: board_scan, decide again',
  };
  return {
    outcome,
    item: quote(item.id),
    title: quote(item.title),
    from: quote(from, limits.board_word_chars),
    column: quote(item.column, limits.board_word_chars),
    revision: item.revision,
    not_recorded: quote(doubt),
    next: next[outcome],
  };
}

async function runLink({ args, mesh }: ToolCall): Promise<Facts> {
  const { board } = chosen(mesh, args.board);
  const remove = args.remove === true;
  const wanted = { item: `${args.item}`, ref: `${args.ref}`, remove };
  const item = await linkItem(board, wanted, deskOf(mesh).mesh);
  return {
    item: quote(item.id),
    title: quote(item.title),
    [remove ? 'unlinked' : 'linked']: quote(wanted.ref),
    next: 'board_scan tells how it stands',
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Over HTTP a session stands on a machine that we know nothing of. */
function hereOf({ boards }: Mesh) {
  if (boards !== undefined) return boards;
  throw new Failure(
    'usage',
    'no board can be reached over HTTP: run signalbox mcp where the board lies',
  );
}

function chosen(mesh: Mesh, named: unknown): ChosenBoard {
  return chooseBoard(hereOf(mesh).place, text(named));
}

function deskOf(mesh: Mesh) {
  const { state } = hereOf(mesh);
  const own = {
    call: ((method, params) => mesh.call(method, params)) as Mesh['call'],
    newId: () => mintId(mesh.now()),
  };
  return { mesh: own, state };
}
