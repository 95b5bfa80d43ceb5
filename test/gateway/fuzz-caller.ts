// Who sends the frames of the fuzz: sockets and POSTs of every credential, which hang up at will.
import { type ClientOptions, WebSocket } from 'ws';
import { decode } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import type { Chance } from '../dsl/chance.js';
import type { House } from '../dsl/live-broker.js';
import { uuid } from '../dsl/raw-client.js';
import { batchOf, type FuzzFrame } from './fuzz-frames.js';
import type { Known } from './plausible.js';

export type HangUp = 'before' | 'between' | 'after';

/** What all callers of a run share. */
export interface Run {
  house: House;
  known: Known;
  chance: Chance;
  /** `method hang-up` of every call that a hang-up met. */
  hungUp: Set<string>;
  /** Answers that no hostile frame may have: faults of the broker, and second answers. */
  faults: string[];
  answered: number;
  /** Frames still to be sent. */
  left: number;
  /** The calls that wait for an answer, by id. */
  waiting: Set<ReadonlyMap<string, string>>;
}

interface Answer {
  id?: unknown;
  result?: unknown;
  error?: { message?: string; data?: { refusal?: string } };
}

/** Takes one answer; true when it is the first to its call. */
function take(run: Run, open: Map<string, string>, answer: Answer): boolean {
  const id = String(answer.id);
  const method = open.get(id);
  if (answer.error?.data?.refusal === 'internal') run.faults.push(`${method}: internal`);
  if (method === undefined) return false;
  open.delete(id);
  run.answered++;
  run.known.learn(answer.result);
  return true;
}

export function answersIn(encoding: Encoding, data: Uint8Array): Answer[] {
  try {
    return [decode(encoding, data)].flat() as Answer[];
  } catch {
    // The answer to noise bears the id of noise.
    return [];
  }
}

function openCalls(frames: readonly FuzzFrame[]): Map<string, string> {
  const awaited = frames.filter(({ id }) => id !== undefined);
  return new Map(awaited.map(({ id, method }) => [id!, method]));
}

/** One socket; undefined when it was not let in. */
export function dial(
  { ready }: House,
  encoding: Encoding,
  headers: Record<string, string>,
): Promise<WebSocket | undefined> {
  const options: ClientOptions = { headers };
  const ws = new WebSocket(ready.ws, [`signalbox.v1.${encoding}`], options);
  ws.on('error', () => {});
  return new Promise(resolve => {
    ws.on('open', () => resolve(ws));
    ws.on('close', () => resolve(undefined));
  });
}

/** Sends the frames and waits for their answers, unless it or the broker hangs up. */
export function talk(
  run: Run,
  ws: WebSocket,
  encoding: Encoding,
  frames: readonly FuzzFrame[],
  hangUp: HangUp | undefined,
): Promise<void> {
  // It may have been closed since it was dialled, and says so once only.
  if (ws.readyState !== WebSocket.OPEN) return Promise.resolve();
  const open = openCalls(frames);
  const methods = [...open.values()];
  run.waiting.add(open);
  const leave = () => {
    for (const method of methods) run.hungUp.add(`${method} ${hangUp}`);
    ws.terminate();
  };
  return new Promise<void>(resolve => {
    const hear = (data: Buffer) => {
      const before = open.size;
      for (const answer of answersIn(encoding, data)) take(run, open, answer);
      if (hangUp === 'between' && open.size < before) leave();
      if (open.size > 0) return;
      if (hangUp === 'after') leave();
      ws.off('message', hear).off('close', resolve);
      resolve();
    };
    ws.on('message', hear);
    ws.once('close', resolve);
    send(ws, encoding, frames, run.chance);
    if (hangUp === 'before') leave();
    if (open.size === 0) hear(Buffer.alloc(0));
  }).finally(() => run.waiting.delete(open));
}

function send(ws: WebSocket, encoding: Encoding, frames: readonly FuzzFrame[], chance: Chance) {
  const whole = frames.filter(({ id }) => id !== undefined);
  const rest = frames.filter(({ id }) => id === undefined);
  // Noise goes by itself: it would make noise of a whole batch.
  const isBatch = chance() < 0.3 && whole.length > 1;
  if (isBatch) ws.send(batchOf(whole, encoding));
  for (const frame of isBatch ? rest : frames) {
    ws.send(encoding === 'json' ? frame.text : frame.bytes);
  }
}

/** The same by POST, one body for all. */
export async function post(
  run: Run,
  encoding: Encoding,
  credential: string,
  frames: readonly FuzzFrame[],
  hangUp: HangUp | undefined,
): Promise<boolean> {
  const open = openCalls(frames);
  const leaving = new AbortController();
  if (hangUp !== undefined) {
    for (const method of open.values()) run.hungUp.add(`${method} ${hangUp}`);
    setImmediate(() => leaving.abort());
  }
  const whole = frames.filter(({ id }) => id !== undefined);
  try {
    const answer = await fetch(`${run.house.ready.url}/rpc`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': `application/${encoding}` },
      body: Buffer.from(batchOf(whole, encoding)),
      signal: leaving.signal,
    });
    const body = new Uint8Array(await answer.arrayBuffer());
    if (answer.status === 401) return false;
    if (answer.status !== 200) run.faults.push(`POST: ${answer.status}`);
    for (const one of answersIn(encoding, body)) take(run, open, one);
    for (const method of open.values()) run.faults.push(`${method}: not answered by POST`);
  } catch (error) {
    if (!leaving.signal.aborted) run.faults.push(`POST: ${error}`);
  }
  return true;
}

/** One call of good will by the operator; its result. */
export async function ask(
  { house }: Pick<Run, 'house'>,
  method: string,
  params: object,
  credential = house.token,
): Promise<Record<string, unknown> | undefined> {
  const answer = await fetch(`${house.ready.url}/rpc`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return ((await answer.json()) as { result?: Record<string, unknown> }).result;
}

/** A new peer, by its credential. */
export async function newPeer(run: Run, credential = run.house.token): Promise<string | undefined> {
  const secret = 'a-secret-of-the-fuzz-0123456789';
  const params = { id: uuid(), name: 'fuzz', secret };
  const joined = await ask(run, 'peer.join', params, credential);
  run.known.learn(joined);
  return joined && `${joined.peer}.${secret}`;
}

/** A new token, by its secret; it may do what is listed. */
export async function newToken(run: Run, verbs: readonly string[], circles: readonly string[]) {
  const secret = `token-of-the-fuzz-${uuid()}`;
  const params = { id: uuid(), name: 'fuzz', verbs, circles, roles: ['agent'], secret };
  run.known.learn(await ask(run, 'token.create', params));
  return secret;
}
