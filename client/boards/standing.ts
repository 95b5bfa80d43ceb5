// What the mesh does about items of a board: their links, how these stand, and where both disagree.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardRow } from '../../schemas/board.js';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { allRows } from '../sdk/pages.js';
import type { Board, BoardItem, BoardScan } from './board.js';
import { type BoardDesk, type BoardMesh, settleNoted } from './moving.js';
import { isSameColumn } from './words.js';

/** Something that an item is linked with, as it stands now. */
export interface LinkStanding {
  ref: string;
  /** In a word, as `running` or `open`; undefined where nobody could say. */
  state?: string;
  /** Who is at it. */
  who?: string;
  /** What more there is to it: a branch, a phase, a question. */
  about?: string;
  /** True while somebody is at it, or is to be. */
  isLive: boolean;
  /** True once it ended well. */
  isDone: boolean;
}

/** An item with what is done about it. */
export interface StandingItem extends BoardItem {
  /** To do, waiting for nothing, and nobody is at it. */
  isReady: boolean;
  /** Somebody on the mesh is at it, or is to be. */
  isTaken: boolean;
  /** True where its owner is who looks, or who looks has part in it. */
  isMine: boolean;
  /** The newest move that was recorded. */
  moved?: { to: string; by?: string; at?: number };
  doing: readonly LinkStanding[];
  /** Where board and mesh say different things. */
  doubts: readonly string[];
}

export interface StandingScan extends Omit<BoardScan, 'items'> {
  items: readonly StandingItem[];
  /** Why the mesh could not be asked. */
  unknown?: string;
}

/** Scans a board and asks the mesh about its items, in few calls. Rejects as the board does. */
export async function standingScan(board: Board, desk: BoardDesk): Promise<StandingScan> {
  const { items, columns, notes } = await board.scan();
  try {
    await settleNoted(board, items, desk);
    const { mesh } = desk;
    const read = allRows(at => mesh.call('board.list', { board: board.name, circle: '*', ...at }));
    const [rows, me] = await Promise.all([read, nameOf(mesh)]);
    const byItem = new Map<string, BoardRow[]>();
    for (const row of rows) byItem.set(row.item, [...(byItem.get(row.item) ?? []), row]);
    const known = await standings(refsOf(items, byItem), mesh);
    const told = items.map(item => standing(item, byItem.get(item.id) ?? [], known, me));
    return { items: told, columns, notes };
  } catch (error) {
    const told = items.map(item => standing(item, [], new Map(), undefined));
    return { items: told, columns, notes, unknown: (error as Error).message };
  }
}

type Me = { peer: string; name: string } | undefined;
/** With the peers who have part in it. */
type Told = LinkStanding & { peers?: readonly string[] };
type Known = ReadonlyMap<string, Told>;

async function nameOf(mesh: BoardMesh): Promise<Me> {
  try {
    const { peer, name } = (await mesh.call('peer.whoami', {})) as { peer?: string; name?: string };
    return peer === undefined || name === undefined ? undefined : { peer, name };
  } catch {
    return undefined;
  }
}

/** Of what is done nothing is asked, unless there is room for it. */
function refsOf(items: readonly BoardItem[], rows: ReadonlyMap<string, BoardRow[]>): string[] {
  const open = items.filter(({ status }) => status !== 'done');
  const done = items.filter(({ status }) => status === 'done');
  const refs = [...open, ...done].flatMap(({ id }) =>
    (rows.get(id) ?? []).flatMap(({ links }) => links.map(({ ref }) => ref)),
  );
  return [...new Set(refs)].slice(0, limits.board_asked_refs);
}

async function standings(refs: readonly string[], mesh: BoardMesh): Promise<Known> {
  const pulls = refs.filter(ref => /^https?:/.test(ref));
  const lists = [pulls.length > 0 ? pullsAmong(pulls, mesh) : [], peersAmong(refs, mesh)];
  const told = new Map<string, Told>((await Promise.all(lists)).flat());
  const left = refs.filter(ref => !told.has(ref));
  const worker = async () => {
    for (let ref = left.shift(); ref !== undefined; ref = left.shift()) {
      const known = await standingOf(ref, mesh).catch(() => undefined);
      told.set(ref, known ?? unasked(ref));
    }
  };
  await Promise.all(Array.from({ length: limits.board_asked_calls }, worker));
  return told;
}

async function standingOf(ref: string, mesh: BoardMesh): Promise<Told | undefined> {
  if (ref.startsWith('job_')) {
    const job = await mesh.call('job.get', { job: ref });
    const { state, worker, to, from, owner, phase, ended_at } = job;
    const who = job.worker_name ?? job.to_name;
    const peers = [worker, to, from, owner].filter(each => each !== undefined);
    const more = { ...(who && { who }), ...(phase && { about: phase }) };
    return { ref, state, ...more, isLive: !ended_at, isDone: state === 'completed', peers };
  }
  if (ref.startsWith('ask_')) {
    const { state, outcome, from, to, to_name } = await mesh.call('ask.get', { ask: ref });
    const isOpen = state === 'open';
    const isDone = outcome === 'replied' || outcome === 'acknowledged';
    const who = to_name && { who: to_name };
    return { ref, state: outcome ?? state, ...who, isLive: isOpen, isDone, peers: [from, to] };
  }
  if (ref.startsWith('/')) {
    const branch = branchOf(ref);
    const state = branch === undefined ? 'gone' : 'worktree';
    return { ref, state, ...(branch && { about: branch }), isLive: false, isDone: false };
  }
  return undefined;
}

/** The peers among the refs, in one call. */
async function peersAmong(refs: readonly string[], mesh: BoardMesh): Promise<[string, Told][]> {
  const peers = refs.filter(ref => ref.startsWith('peer_'));
  if (peers.length === 0) return [];
  const { rows } = await mesh.call('peer.get', { peers }).catch(() => ({ rows: [] }));
  return rows.map(({ peer, name, status, turn, path }) => {
    const about = path === undefined ? {} : { about: path };
    const state = turn === undefined ? status : `${status}, ${turn}`;
    const isLive = status !== 'offline';
    return [peer, { ref: peer, state, who: name, ...about, isLive, isDone: false, peers: [peer] }];
  });
}

/** The pull requests among the addresses, in one list. */
async function pullsAmong(urls: readonly string[], mesh: BoardMesh): Promise<[string, Told][]> {
  const rows = await allRows(at => mesh.call('review.queue', at)).catch(() => []);
  const mine = rows.filter(({ pr_url }) => urls.includes(pr_url));
  return mine.map(({ pr_url, state, my_action, touched_by_names }) => {
    const who = touched_by_names?.join(', ');
    const isLive = state === 'open' || state === 'unknown';
    const more = { ...(who && { who }), ...(isLive && { about: my_action }) };
    return [pr_url, { ref: pr_url, state, ...more, isLive, isDone: state === 'merged' }];
  });
}

/** What is checked out in a work tree, by git's own small files; undefined where there is none. */
function branchOf(path: string): string | undefined {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8').slice(0, limits.board_words_chars);
    } catch {
      return undefined;
    }
  };
  const link = /^gitdir: (.+)$/m.exec(read(join(path, '.git')) ?? '')?.[1]?.trim();
  const head = read(join(link ?? join(path, '.git'), 'HEAD'));
  return head && (/^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? 'detached');
}

function standing(item: BoardItem, rows: readonly BoardRow[], known: Known, me: Me): StandingItem {
  const links = rows.flatMap(row => row.links.map(({ ref }) => ref));
  const asked = [...new Set(links)].map(ref => known.get(ref) ?? unasked(ref));
  // Of a pull request nobody knows how it stands: that keeps others off an open item, and no more.
  const isAt = ({ isLive, state }: Told) =>
    isLive && !(item.status === 'done' && state === 'unknown');
  const isTaken = asked.some(isAt);
  const isReady = item.status === 'todo' && item.blocked_by.length === 0 && !isTaken;
  const newest = [...rows].sort((a, b) => b.position - a.position).find(row => row.to);
  const isMine = isOwn(item, newest, asked, me);
  const doing = asked.map(({ peers: _, ...told }) => told);
  const doubts = doubtsOf(item, newest, doing, isTaken);
  const moved = newest?.to && {
    moved: {
      to: newest.to,
      ...(newest.by_name && { by: newest.by_name }),
      ...(newest.moved_at && { at: newest.moved_at }),
    },
  };
  return { ...item, isReady, isTaken, isMine, ...moved, doing, doubts };
}

function unasked(ref: string): Told {
  return { ref, isLive: false, isDone: false };
}

function isOwn(
  { owners }: BoardItem,
  newest: BoardRow | undefined,
  asked: readonly { peers?: readonly string[] }[],
  me: Me,
): boolean {
  if (me === undefined) return false;
  const isOwner = owners.some(owner => owner.toLowerCase() === me.name.toLowerCase());
  return isOwner || newest?.by === me.peer || asked.some(each => each.peers?.includes(me.peer));
}

function doubtsOf(
  { status, column }: BoardItem,
  newest: BoardRow | undefined,
  doing: readonly LinkStanding[],
  isTaken: boolean,
): string[] {
  const doubts: string[] = [];
  const isUnderWay = status === 'in_progress' || status === 'in_review';
  const done = doing.find(({ isDone }) => isDone);
  // What has ended says more than that nobody is at it.
  if (status !== 'done' && status !== 'in_review' && done !== undefined && !isTaken) {
    doubts.push(`${done.ref} is ${done.state}, and the item was not moved`);
  } else if (isUnderWay && !isTaken) {
    doubts.push(`"${column}", and nobody on the mesh is at it`);
  }
  if (status === 'todo' && isTaken) doubts.push('to do, and somebody is at it');
  if (status === 'done' && isTaken) doubts.push('done, and somebody is still at it');
  if (newest?.to !== undefined && !isSameColumn(newest.to, column)) {
    doubts.push(`last recorded in "${newest.to}", so somebody moved it by hand`);
  }
  return doubts;
}
