// The capabilities of peers: what the session of each can do with mail, and when it sees some.
import type { Capabilities, PeerRow, SeenWhen } from '../../../schemas/peer.js';

/** What of a peer's row tells of its session. */
interface Session {
  can?: Capabilities | undefined;
  boots: readonly string[];
  turn?: string | undefined;
  turn_is_old?: boolean | undefined;
}

/** The sixteen there are, by the bits of `numberOf`: rows share them. */
const all = Array.from({ length: 16 }, (_, bits) =>
  Object.freeze({
    drain: (bits & 1) > 0,
    keep_going: (bits & 2) > 0,
    wake_idle: (bits & 4) > 0,
    steer: (bits & 8) > 0,
  }),
);

/** As an event or a snapshot tells them: what is not plainly true is not had. */
export function capabilitiesOf(told: Readonly<Record<string, unknown>>): Capabilities {
  const { drain, keep_going, wake_idle, steer } = told;
  return all[bit(drain) + 2 * bit(keep_going) + 4 * bit(wake_idle) + 8 * bit(steer)]!;
}

function bit(value: unknown): 0 | 1 {
  return value === true ? 1 : 0;
}

/** What it can do now: a session is woken by what is connected for it, and by nothing else. */
export function capabilitiesNow({ can, boots }: Session): Capabilities | undefined {
  return can === undefined || boots.length > 0 ? can : capabilitiesOf({ ...can, wake_idle: false });
}

/** When its session sees new mail; undefined for who has not said what it can do. */
export function seenWhen(row: Session, status: PeerRow['status']): SeenWhen | undefined {
  const { can, turn, turn_is_old } = row;
  if (can === undefined) return undefined;
  if (status === 'offline') return 'when_back';
  if (!can.drain) return 'when_it_reads';
  if (!turn_is_old && turn !== undefined && turn !== 'idle') return 'next_step';
  return can.wake_idle && row.boots.length > 0 ? 'wakes_now' : 'next_turn';
}
