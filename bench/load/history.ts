// A made-up history of a busy mesh, as the commits that its brokers would have written.
import { encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { LEVEL } from '../../broker/core/levels.js';
import { pack } from '../../schemas/codec.js';
import { makeUuid, OPERATOR } from '../../schemas/uuid.js';

export interface HistoryPlan {
  events: number;
  /** Of one commit. */
  commit_events: number;
  peers: number;
  text_bytes: number;
}

/** One commit, and when its store takes it, in ms UTC. */
export interface MadeCommit {
  bytes: Uint8Array;
  storedAt: number;
}

type Said = { type: string; by: string } & Record<string, unknown>;

const FROM = Date.UTC(2026, 0, 5, 9);
const BOOT = 'boot_0000';
const CIRCLE = 'default';
const GAP_MS = 5;

/**
 * Pairs of peers ask and reply, and acknowledge what came; now and then one tells how its turn
 * goes, notifies another, or hands over a job that is done. The same plan gives the same bytes.
 */
export function* historyOf(plan: HistoryPlan): Generator<MadeCommit> {
  const made = saidIn(plan);
  let time = FROM;
  let number = 0;
  let left = plan.events;
  while (left > 0) {
    time += GAP_MS;
    const events = [];
    const count = Math.min(left, plan.commit_events);
    for (let i = 0; i < count; i++) {
      const said = made.next(time).value;
      events.push({ type: said.type, circles: [String(said.circle)], bytes: pack(said) });
    }
    left -= count;
    const bytes = encodeCommit({ boot: BOOT, number: ++number, clock: time, time, events });
    yield { bytes, storedAt: time };
  }
}

/** One event after the other; each is stamped with the time it is asked for with. */
function* saidIn({ peers, text_bytes }: HistoryPlan): Generator<Said, never, number> {
  let count = 0;
  let time = FROM;
  const uuid = () => {
    const tail = [0, 0, count >> 24, count >> 16, count >> 8, count++].map(byte => byte & 0xff);
    return makeUuid(time, Uint8Array.from([7, 7, 7, 7, ...tail]));
  };
  const stamp = (said: Said): Said => ({ v: 1, id: uuid(), circle: CIRCLE, ...said });
  const broker = (said: object) => stamp({ by: BOOT, circle: '*', type: '', ...said });
  const names = Array.from({ length: peers }, (_, n) => `peer_${String(n).padStart(8, '0')}`);
  const says = (by: string, type: string, more: object) =>
    stamp({ by, type, token: OPERATOR, ...more });

  time = yield broker({ type: 'log.opened', log: 'log_bench', mesh: 'default', level: LEVEL });
  time = yield broker({ type: 'gateway.started', gateway: 'gateway_bench', boot: BOOT });
  for (const peer of names) {
    const joined = { peer, name: peer.slice(5), role: 'agent', secret_hash: 'x'.repeat(64) };
    time = yield stamp({
      type: 'peer.joined',
      by: OPERATOR,
      token: OPERATOR,
      ...joined,
      boot: BOOT,
    });
  }
  const text = 'merge the branch once its tests are green '.repeat(1 + text_bytes / 42);
  for (let n = 0; ; n++) {
    const from = names[n % peers]!;
    const to = names[(n + 1) % peers]!;
    const id = uuid();
    const ask = `ask_${id}`;
    time = yield says(from, 'ask.opened', { id, ask, to, text: text.slice(0, text_bytes) });
    if (n % 8 === 0) time = yield says(to, 'peer.turned', { state: n % 16 ? 'idle' : 'working' });
    time = yield says(to, 'ask.closed', {
      ask,
      outcome: 'replied',
      text: text.slice(0, text_bytes),
    });
    time = yield says(from, 'inbox.acknowledged', { refs: [ask] });
    if (n % 10 !== 0) continue;
    const note = uuid();
    const message = { id: note, message: `msg_${note}`, to, text: `${n} is merged` };
    time = yield says(from, 'message.notified', { ...message, backlog: 'deliver' });
    time = yield says(to, 'inbox.acknowledged', { refs: [`msg_${note}`] });
  }
}
