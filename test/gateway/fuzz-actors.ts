// The callers of the fuzz: each goes on until the frames of the run are used up.
import { WebSocket } from 'ws';
import type { Encoding } from '../../schemas/frame.js';
import type { Chance } from '../dsl/chance.js';
import { ask, dial, type HangUp, newPeer, newToken, post, type Run, talk } from './fuzz-caller.js';
import { FrameSource, type FuzzFrame, frameOf, targets } from './fuzz-frames.js';
import { story } from './fuzz-stories.js';
import { pick } from './hostile-values.js';

const encodings: readonly Encoding[] = ['json', 'msgpack'];
/** More than a frame or a body may have. */
const TOO_MANY_CHARS = 900_000;

function frames(run: Run, source: FrameSource): FuzzFrame[] {
  const some = Array.from({ length: 1 + Math.floor(run.chance() * 20) }, () => source.next());
  run.left -= some.length;
  const size = some.reduce((sum, { text }) => sum + text.length, 0);
  return size < TOO_MANY_CHARS ? some : some.slice(0, 1);
}

function hangUp(chance: Chance): HangUp | undefined {
  return chance() < 0.15 ? pick(chance, ['before', 'between', 'after']) : undefined;
}

/** A socket with a credential, which is made anew when it is no longer good. */
async function socketCaller(
  run: Run,
  encoding: Encoding,
  source: FrameSource,
  credential: () => Promise<string | undefined>,
): Promise<void> {
  let ws: WebSocket | undefined;
  let held: string | undefined;
  while (run.left > 0) {
    if (ws?.readyState !== WebSocket.OPEN) {
      held = await credential();
      ws = await dial(run.house, encoding, { authorization: `Bearer ${held}` });
    }
    if (ws === undefined) continue;
    const isPeer = held?.startsWith('peer_') === true;
    if (isPeer && run.chance() < 0.6) await story(run, ws, encoding, held ?? '');
    else await talk(run, ws, encoding, frames(run, source), hangUp(run.chance));
  }
  ws?.terminate();
}

/** A page: it begins without any credential, and has a good code only now and then. */
async function pageCaller(run: Run, encoding: Encoding, source: FrameSource): Promise<void> {
  const first = targets.filter(({ method }) => method === 'session.start');
  const begins = new FrameSource(run.chance, run.known, first);
  while (run.left > 0) {
    const ws = await dial(run.house, encoding, { origin: run.house.ready.url });
    if (ws === undefined) continue;
    const roll = run.chance();
    if (roll < 0.2) {
      const { code } = (await ask(run, 'session.offer', {})) ?? {};
      await talk(run, ws, encoding, [frameOf('session.start', { code: String(code) })], undefined);
      await talk(run, ws, encoding, frames(run, source), hangUp(run.chance));
    } else {
      run.left--;
      const frame = roll < 0.8 ? begins.next() : source.next();
      await talk(run, ws, encoding, [frame], hangUp(run.chance));
    }
    ws.terminate();
  }
}

async function postCaller(
  run: Run,
  encoding: Encoding,
  source: FrameSource,
  credential: () => Promise<string | undefined>,
): Promise<void> {
  let held = await credential();
  while (run.left > 0) {
    const isGood =
      held !== undefined &&
      (await post(run, encoding, held, frames(run, source), hangUp(run.chance)));
    if (!isGood) held = await credential();
  }
}

/** All callers, by every credential and in both encodings. */
export function callers(run: Run, source: FrameSource): Promise<void>[] {
  const operator = async () => run.house.token;
  const whole = () => newToken(run, ['observe', 'speak', 'operate'], ['*']);
  const weak = () => newToken(run, ['observe'], ['east']);
  const credentials = [operator, whole, weak, () => newPeer(run)];
  const guest = async () => newPeer(run, await newToken(run, ['observe', 'speak'], ['default']));
  return encodings.flatMap(encoding => [
    ...[...credentials, guest].map(one => socketCaller(run, encoding, source, one)),
    ...credentials.map(one => postCaller(run, encoding, source, one)),
    pageCaller(run, encoding, source),
  ]);
}

/** Hangs up on what chance has spared, so that a run covers all of it whatever its seed. */
export async function hangUpOn(
  run: Run,
  spared: readonly { method: string; when: HangUp }[],
): Promise<void> {
  const headers = { authorization: `Bearer ${run.house.token}` };
  for (const { method, when } of spared) {
    const only = targets.filter(target => target.method === method);
    const source = new FrameSource(run.chance, run.known, only);
    // A frame may come out as noise, which is no call of the method.
    for (let turns = 0; turns < 20 && !run.hungUp.has(`${method} ${when}`); turns++) {
      const ws = await dial(run.house, 'json', headers);
      if (ws !== undefined) await talk(run, ws, 'json', [source.next(), source.next()], when);
      ws?.terminate();
    }
  }
}
