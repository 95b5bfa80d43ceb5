// The stages of asks and messages as they are kept: a few bytes each, appended to one row a thing.
import { limits } from '../../../../schemas/limits.js';
import type { Stage } from '../../../../schemas/message.js';
import type { Traced } from '../../../core/archive.js';
import type { StageNote } from '../write/stage-notes.js';
import { timeOf } from './commit-times.js';
import { keyBytes } from './layout.js';
import type { IndexView } from './names.js';
import { checked, DamagedIndex, withCheck } from './sealing.js';
import type { Cells } from './sqlite.js';

const STAGES: readonly Stage['stage'][] = [
  'accepted',
  'offered',
  'seen',
  'closed',
  'expired',
  'retracted',
  'dropped',
  'handed',
  'moved',
];

/** Position, peer and stage. */
const STAGE_BYTES = 8 + 4 + 1;
const PEER_AT = 8;
const STAGE_AT = 12;

/** Within a transaction: adds the notes, in order, to what is known of each thing. */
export function noteStages(store: IndexView, notes: readonly StageNote[]): void {
  const byRef = new Map<string, StageNote[]>();
  for (const note of notes) {
    const known = byRef.get(note.ref);
    if (known) known.push(note);
    else byRef.set(note.ref, [note]);
  }
  const rows = [...byRef].map(([ref, news]) => rowOf(store, keyOf(ref), news));
  store.db.insert('stages', rows);
}

/** An ask and a message may share a uuid: what a schedule says is one of the two. */
function keyOf(ref: string): Uint8Array {
  return Buffer.concat([Buffer.from(ref.slice(0, 1)), keyBytes(ref)]);
}

function rowOf(store: IndexView, key: Uint8Array, news: readonly StageNote[]): Cells {
  // What is only now accepted was never heard of before.
  const row =
    news[0]?.stage === 'accepted'
      ? undefined
      : store.db.get('SELECT circle, told FROM stages WHERE ref = ?', key);
  const before = row === undefined ? Buffer.alloc(0) : checked(row[1]!);
  const offered = new Set(offersIn(before));
  let circle = row?.[0] ?? null;
  const told = Buffer.alloc(before.length + news.length * STAGE_BYTES);
  before.copy(told);
  let at = before.length;
  for (const { stage, position, by, circle: sentIn } of news) {
    const peer = store.names.intern(by);
    if (stage === 'offered' && offered.has(peer)) continue;
    if (stage === 'offered') offered.add(peer);
    if (sentIn !== undefined) circle = store.names.intern(sentIn);
    told.writeDoubleLE(position, at);
    told.writeUInt32LE(peer, at + PEER_AT);
    told.writeUInt8(STAGES.indexOf(stage), at + STAGE_AT);
    at += STAGE_BYTES;
  }
  return [key, circle, withCheck(told.subarray(0, at))];
}

function* offersIn(told: Buffer): Iterable<number> {
  for (let at = 0; at < told.length; at += STAGE_BYTES) {
    if (STAGES[told.readUInt8(at + STAGE_AT)] === 'offered') yield told.readUInt32LE(at + PEER_AT);
  }
}

/** What became of a thing, up to a commit; no circle and no stages when it is not known. */
export function stagesOf(store: IndexView, ref: string, upTo: number): Traced {
  const row = store.db.get('SELECT circle, told FROM stages WHERE ref = ?', keyOf(ref));
  const stages: Stage[] = [];
  const told = row === undefined ? Buffer.alloc(0) : checked(row[1]!);
  for (let at = 0; at < told.length; at += STAGE_BYTES) {
    const position = told.readDoubleLE(at);
    const sequence = Math.floor(position / limits.commit_positions);
    if (sequence > upTo) break;
    const stage = STAGES[told.readUInt8(at + STAGE_AT)];
    if (stage === undefined) throw new DamagedIndex('there is no such stage');
    const by = store.names.nameOf(told.readUInt32LE(at + PEER_AT));
    stages.push({ stage, position, time: timeOf(store, sequence), by });
  }
  const [first] = stages;
  const circle = row?.[0];
  const isKnown = first?.stage === 'accepted' && circle !== null && circle !== undefined;
  return { circle: isKnown ? store.names.nameOf(Number(circle)) : '', stages };
}
