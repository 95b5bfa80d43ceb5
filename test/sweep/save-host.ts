// A timeline in a process of its own, to be killed: goes on from what is on disk, and writes often.
import { Fold } from '../../broker/core/fold.js';
import { rights } from '../../broker/core/rows/rights.js';
import { stateHash } from '../../broker/core/snapshots/state-hash.js';
import { type PastQuestion, type PastRows, sortedRows } from '../../broker/core/views/past.js';
import { viewRows } from '../../broker/core/views/selection.js';
import { Sight } from '../../broker/core/views/views.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { PAST } from '../../broker/timeline/part.js';
import { heldByAll, timelineParts } from '../../broker/timeline/parts.js';
import { restore } from '../../broker/timeline/snapshots/restore.js';
import { limits } from '../../schemas/limits.js';
import { isRefusal } from '../../schemas/refusal.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { folded } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';
import type { SaveLine } from './save-kills.js';

const [dataDir = '', length = ''] = process.argv.slice(2);
/** So many events lie between two that are written. */
const EVERY = 200;

const tell = (line: SaveLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
const onWarning = (warning: string) => tell({ say: 'warning', warning });

const mesh = new Mesh();
mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), p.joins(p.web), p.joins(p.api));
for (let n = 1; mesh.log.length < Number(length); n++) {
  mesh.now += 10;
  mesh.say(p.tells(n, p.api, p.web, `news ${n}`), p.turns(p.web, n % 2 ? 'working' : 'idle'));
}
const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock: systemClock });
let elapsed = 0;
/** Time passes with every look at it, so that slices are short and no writing is put off. */
const clock = { now: systemClock.now, elapsed: () => elapsed++ };

function hashAt(sequence: number): string {
  return stateHash(folded(mesh.log.slice(0, sequence)));
}

/** True when the past at a commit is what a fresh fold tells. */
async function isPast(follower: LogFollower, commit: number): Promise<boolean> {
  const held = rights(new Fold().table, OPERATOR, 0)!;
  const beholder = { author: { token: OPERATOR }, held };
  const position = (commit + 1) * limits.commit_positions - 1;
  const question: PastQuestion = { view: 'inbox', moment: { position }, beholder };
  const { rows } = (await follower.ask({ part: PAST, question })) as PastRows;
  const sight = new Sight(folded(mesh.log.slice(0, commit)).table);
  const fresh = viewRows(sight, question, beholder);
  if (isRefusal(fresh)) throw new Error(fresh.message);
  const wanted = sortedRows(fresh).slice(0, rows.length);
  return rows.length > 0 && JSON.stringify(rows) === JSON.stringify(wanted);
}

const startOver = () => process.exit(3);
const how = { dataDir, log, clock, onWarning, startOver, every: EVERY };
const parts = await timelineParts(how);
const { fold } = await restore({ dataDir, log, upTo: heldByAll(parts), onWarning });
const from = fold.sequence;
tell({ say: 'begins', from, isSame: stateHash(fold) === hashAt(from) });
const follower = new LogFollower({ log, fold, parts, clock, onWarning });
await follower.start();
await follower.reached(mesh.log.length);
const isSame = stateHash(fold) === hashAt(fold.sequence);
const places = [0.2, 0.5, 0.9].map(share => 1 + Math.floor(share * mesh.log.length));
const past = await Promise.all(places.map(place => isPast(follower, place)));
const failed = Object.keys(follower.status().failed);
tell({ say: 'ends', isSame, isPast: past.every(is => is), failed });
process.stdin.resume();
