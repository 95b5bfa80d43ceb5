// The methods that only read: answered from the table, or from the log where rows have left it.
import { compact } from '../schemas/codec.js';
import { PROTOCOL } from '../schemas/frame.js';
import { limits } from '../schemas/limits.js';
import type { InboxItem } from '../schemas/message.js';
import type { MethodName, Parsed, Result } from '../schemas/method.js';
import type { PeerRow } from '../schemas/peer.js';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.js';
import type { Answer, Author, BrokerInfo } from './door.js';
import { type History, newestFirst } from './history.js';
import type { AskRow } from './rows/asks.js';
import { type PeerState, statusOf } from './rows/peers.js';
import type { Table } from './rows/table.js';
import { covers, type Rights, rights, type TokenState } from './rows/tokens.js';
import { hashSecret } from './secret.js';

export interface QueryContext {
  table: Table;
  history: History;
  author: Author;
  held: Rights;
  now: number;
  sequence: number;
  cursor: string;
  info: BrokerInfo;
}

type Query<M extends MethodName> = (
  context: QueryContext,
  params: Parsed<M>,
) => Result<M> | Refusal | Promise<Result<M> | Refusal>;

const queries: { [M in MethodName]?: Query<M> } = {
  'peer.whoami': whoami,
  'peer.list': listPeers,
  'peer.attach': attach,
  'ask.get': (context, { ask }) => findThread(context, ask),
  'ask.list': listAsks,
  'message.trace': trace,
  'inbox.reminders': reminders,
  'token.list': listTokens,
  'mesh.info': meshInfo,
};

/** Undefined when the method is not one that the table answers. */
export function answerQuery(
  method: MethodName,
  context: Omit<QueryContext, 'held'>,
  params: unknown,
): Answer | Promise<Answer> | undefined {
  const query = queries[method] as Query<MethodName> | undefined;
  if (query === undefined) return undefined;
  const held = rights(context.table, context.author.token, context.now);
  if (held === undefined) {
    return refuse('unauthorized', 'The token is revoked or expired; ask the operator for another.');
  }
  const result = query({ ...context, held }, params as never);
  return result instanceof Promise ? result.then(asAnswer) : asAnswer(result);
}

function asAnswer(result: Refusal | object): Answer {
  return isRefusal(result) ? result : { result: result as Record<string, unknown> };
}

function peerRow(table: Table, row: PeerState, now: number): PeerRow {
  const isFresh = (row.description_until ?? 0) > now;
  let seen = row.last_seen;
  for (const boot of row.boots) {
    seen = Math.max(seen, table.gateways.rows.get(boot)?.last_seen ?? 0);
  }
  return compact({
    peer: row.peer,
    name: row.name,
    project: row.project,
    circle: row.circle,
    role: row.role,
    status: statusOf(row),
    path: row.path,
    machine: row.machine,
    description: isFresh ? row.description : undefined,
    runtime: row.runtime,
    model: row.model,
    turn: row.turn as PeerRow['turn'],
    turn_text: row.turn_text,
    turn_at: row.turn_at,
    last_seen: seen,
    queued: table.inbox.boxes.get(row.peer)?.items.size ?? 0,
  });
}

function whoami(context: QueryContext): Result<'peer.whoami'> {
  const { table, author, held, now, cursor } = context;
  const row = table.peers.rows.get(author.peer ?? '');
  const box = table.inbox.boxes.get(author.peer ?? '');
  return {
    ...(row === undefined ? {} : { ...peerRow(table, row, now), generation: box?.generation ?? 0 }),
    token: held.token,
    verbs: [...held.verbs],
    circles: [...held.circles],
    cursor,
    time: now,
  };
}

function listPeers(
  context: QueryContext,
  params: Parsed<'peer.list'>,
): Result<'peer.list'> | Refusal {
  const { table, author, held, now } = context;
  const me = table.peers.rows.get(author.peer ?? '');
  const isWide = me === undefined || me.role === 'orchestrator';
  const circle = params.circle ?? (isWide ? '*' : me.circle);
  if (circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const isShown = (row: PeerState) =>
    row.retired === undefined &&
    covers(held, row.circle) &&
    (circle === '*' || row.circle === circle || row.role !== 'agent') &&
    (params.offline || row.boots.length > 0) &&
    (params.self || row !== me);
  const rows: PeerState[] = [];
  let isPast = params.after === undefined;
  for (const row of table.peers.rows.values()) {
    if (isPast && isShown(row)) rows.push(row);
    if (rows.length > params.max) break;
    if (row.peer === params.after) isPast = true;
  }
  return paged(
    rows,
    params.max,
    row => row.peer,
    row => peerRow(table, row, now),
  );
}

function attach(
  { table, cursor, now }: QueryContext,
  { peer, secret }: Parsed<'peer.attach'>,
): Result<'peer.attach'> | Refusal {
  const row = table.peers.rows.get(peer);
  if (row === undefined || row.secret_hash !== hashSecret(secret)) {
    return refuse('unauthorized', 'No peer has this id and secret; join instead.');
  }
  if (row.retired !== undefined) {
    return refuse('peer_retired', 'This peer has left; call peer.join to come back.');
  }
  const generation = table.inbox.boxes.get(peer)?.generation ?? 0;
  return { peer, name: row.name, generation, cursor, time: now };
}

/** At most `max` rows, and no more text than one answer should hold; then where to go on. */
function paged<Row, Shown>(
  rows: Row[],
  max: number,
  keyOf: (row: Row) => string,
  show: (row: Row) => Shown,
): { rows: Shown[]; next?: string } {
  const shown: Shown[] = [];
  let chars = 0;
  for (const [i, row] of rows.entries()) {
    if (i === max || chars > limits.answer_chars) {
      return { rows: shown, next: keyOf(rows[i - 1] ?? row) };
    }
    const item = show(row);
    chars += JSON.stringify(item).length;
    shown.push(item);
  }
  return { rows: shown };
}

function threadRow({ hops: _, ...thread }: AskRow) {
  return compact(thread);
}

async function coldThread(context: QueryContext, ask: string): Promise<AskRow | undefined> {
  return context.table.asks.dropped > 0 ? context.history.thread(ask, context.sequence) : undefined;
}

function findThread(context: QueryContext, ask: string) {
  const shown = (row: AskRow | undefined) => {
    if (row !== undefined && mayRead(context, row)) return threadRow(row);
    return refuse('ask_unknown', `There is no ${ask} you may see; see ask.list.`);
  };
  const row = context.table.asks.get(ask);
  return row === undefined ? coldThread(context, ask).then(shown) : shown(row);
}

function mayRead({ author, held }: QueryContext, row: AskRow): boolean {
  const isMine = author.peer !== undefined && (row.from === author.peer || row.to === author.peer);
  return isMine || covers(held, row.circle);
}

async function listAsks(
  context: QueryContext,
  { direction, state, max, after }: Parsed<'ask.list'>,
): Promise<Result<'ask.list'>> {
  const { table, author, history, sequence } = context;
  const me = author.peer;
  const fits = (row: AskRow) =>
    (after === undefined || row.ask < after) &&
    (state === undefined || row.state === state) &&
    (me === undefined
      ? mayRead(context, row)
      : (direction !== 'out' && row.to === me) || (direction !== 'in' && row.from === me));
  const rows: AskRow[] = [];
  for (const row of table.asks.open.values()) if (fits(row)) rows.push(row);
  for (const row of table.asks.closed.values()) if (fits(row)) rows.push(row);
  if (rows.length <= max && state !== 'open' && table.asks.dropped > 0) {
    const known = new Set(rows.map(row => row.ask));
    const older = await history.closed(fits, max + 1 + known.size, sequence);
    rows.push(...older.filter(row => !known.has(row.ask)));
  }
  return paged(rows.sort(newestFirst), max, row => row.ask, threadRow);
}

async function trace(
  context: QueryContext,
  { ref }: Parsed<'message.trace'>,
): Promise<Result<'message.trace'> | Refusal> {
  const { author, held, history, sequence } = context;
  const { circle, stages } = await history.stages(ref, sequence);
  const isMine = stages.some(({ by }) => by === author.peer);
  if (circle !== '' && (isMine || covers(held, circle))) return { stages };
  return ref.startsWith('ask_')
    ? refuse('ask_unknown', `There is no ${ref} you may see; see ask.list.`)
    : refuse('message_unknown', `There is no ${ref} you may see.`);
}

function reminders(
  { table, author }: QueryContext,
  { max }: Parsed<'inbox.reminders'>,
): Result<'inbox.reminders'> {
  const items: InboxItem[] = [];
  let chars = 0;
  for (const ask of table.asks.openOf(author.peer ?? '')) {
    const row = table.asks.open.get(ask);
    if (row === undefined || row.to !== author.peer) continue;
    chars += row.text.length;
    if (items.length === max || chars > limits.answer_chars) break;
    const from = table.peers.rows.get(row.from);
    items.push({
      position: row.position,
      time: row.opened_at,
      kind: 'ask',
      from: row.from,
      from_name: from?.name ?? '',
      from_role: from?.role ?? '',
      text: row.text,
      ref: ask,
      repeated: true,
    });
  }
  return { items };
}

function listTokens(
  { table, held }: QueryContext,
  { max, after }: Parsed<'token.list'>,
): Result<'token.list'> {
  // A token bound to circles sees only those that reach no further than it does.
  const isShown = ({ token, circles }: TokenState) =>
    (after === undefined || token > after) && circles.every(circle => covers(held, circle));
  const rows = [...table.tokens.rows.values()].filter(isShown);
  rows.sort((a, b) => (a.token < b.token ? -1 : 1));
  const show = ({ secret_hash: _, ...row }: (typeof rows)[number]) => compact(row);
  return paged(rows, max, row => row.token, show);
}

function meshInfo({ table, info, cursor, now, held }: QueryContext): Result<'mesh.info'> {
  const isUnbound = held.circles.includes('*');
  const brokers = [...table.gateways.rows.values()].map(({ gateway, boot, last_seen }) => ({
    gateway,
    boot,
    last_seen,
  }));
  return {
    mesh: info.mesh,
    log: info.log,
    head: cursor,
    time: now,
    protocol: PROTOCOL,
    version: info.version,
    brokers: isUnbound ? brokers : [],
    durability: info.durability,
    limits,
  };
}
