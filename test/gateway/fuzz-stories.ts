// Short stories of the fuzz: what only a peer in the middle of something can do wrong.
import type { WebSocket } from 'ws';
import type { Encoding } from '../../schemas/frame.js';
import { uuid } from '../dsl/raw-client.js';
import { ask, type HangUp, type Run, talk } from './fuzz-caller.js';
import { type FuzzFrame, frameOf } from './fuzz-frames.js';
import { hostile, pick, type Value } from './hostile-values.js';

const ENDS: readonly HangUp[] = ['before', 'between', 'after'];

/** Who has claimed a job says hostile things of it. */
async function work(run: Run, ws: WebSocket, encoding: Encoding, credential: string) {
  const { chance } = run;
  const created = await ask(run, 'job.create', { id: uuid(), title: 'a job' }, credential);
  const job = String(created?.job);
  const claimed = await ask(run, 'job.claim', { id: uuid(), job }, credential);
  const held = { job, attempt: Number(claimed?.attempt ?? 1) };
  const words = (): Value => ({ constructor: hostile(chance), toJSON: hostile(chance) });
  const parts = ['phase', 'progress', 'note', 'state'];
  const frames = parts.map(part =>
    frameOf('job.update', { id: uuid(), ...held, [part]: hostile(chance) }),
  );
  const end = { id: uuid(), ...held, outcome: 'completed', summary: 's', result: words() };
  await tell(run, ws, encoding, [...frames, frameOf('job.finish', end)], undefined);
}

/** Who begins to listen hangs up before it hears anything, or in the middle of it. */
async function listen(run: Run, ws: WebSocket, encoding: Encoding) {
  const frames = [
    frameOf('inbox.subscribe', { id: uuid() }),
    frameOf('log.observe', { from: 'start' }),
    frameOf('log.observe', { from: 'now', filter: { kinds: ['peer'] } }),
    frameOf('inbox.subscribe', { id: uuid() }),
    frameOf('inbox.read', { wait_s: 1 }),
    frameOf('peer.turn', { id: uuid(), state: 'working' }),
  ];
  await tell(run, ws, encoding, frames, pick(run.chance, ENDS));
}

function tell(
  run: Run,
  ws: WebSocket,
  encoding: Encoding,
  frames: readonly FuzzFrame[],
  hangUp: HangUp | undefined,
): Promise<void> {
  run.left -= frames.length;
  return talk(run, ws, encoding, frames, hangUp);
}

/** One of the stories, by the peer of the socket. */
export function story(run: Run, ws: WebSocket, encoding: Encoding, credential: string) {
  return run.chance() < 0.5 ? work(run, ws, encoding, credential) : listen(run, ws, encoding);
}
