// The worker thread of the timeline: follows the log on a connection of its own, and answers.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openReader } from '../log/jetstream.js';
import { systemClock as clock } from '../system/clock.js';
import { joinGate, shutAtExit, threadGate } from '../system/native-gate.js';
import { LogFollower } from './follower.js';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.js';
import { TimelineAway, type TimelineQuestion } from './part.js';
import { heldByAll, timelineParts } from './parts.js';
import { restore } from './snapshots/restore.js';
import type { SavedSnapshot } from './snapshots/snapshot-writer.js';

/** The broker comes first where both want the same core. */
const NICE = 10;

const port = parentPort!;
const setup = workerData as WorkerSetup;
const tell = (message: FromWorker) => port.postMessage(message);

joinGate(setup.gate);
shutAtExit(threadGate());

// Who asks too early waits; who closes does not.
const early: ToWorker[] = [];
let receive = (message: ToWorker): void => {
  if (message.say === 'close') process.exit();
  early.push(message);
};
port.on('message', (message: ToWorker) => receive(message));

// Elsewhere than on Linux this would be the priority of the whole process.
if (process.platform === 'linux') setPriority(0, NICE);

// What the broker warns of, which follows the same store, is not said twice.
const log = await openReader({ ...setup.store, clock, onNotice() {} });
const onWarning = (line: string) => tell({ say: 'warning', line });
const { dataDir } = setup;
// The broker starts another worker, which begins where its parts then stand.
const startOver = () => process.exit();
const onSaved = (snapshot: SavedSnapshot) => tell({ say: 'saved', snapshot });
const parts = await timelineParts({ dataDir, log, clock, onWarning, startOver, onSaved });
const { fold } = await restore({ dataDir, log, upTo: heldByAll(parts), onWarning });
const follower = new LogFollower({
  log,
  fold,
  parts,
  clock,
  onWarning,
  onMoved: status => tell({ say: 'stands', status }),
});
const asked = new Map<number, AbortController>();

async function answer(id: number, question: TimelineQuestion): Promise<void> {
  const cancelled = new AbortController();
  asked.set(id, cancelled);
  try {
    tell({ say: 'told', id, answer: await follower.ask(question, cancelled.signal) });
  } catch (error) {
    const isAway = error instanceof TimelineAway;
    const message = error instanceof Error ? error.message : String(error);
    tell({ say: 'failed', id, message, isAway });
  } finally {
    asked.delete(id);
  }
}

async function close(): Promise<void> {
  for (const cancelled of asked.values()) cancelled.abort();
  await follower.close();
  await log.close();
  port.close();
}

receive = message => {
  switch (message.say) {
    case 'note':
      return follower.note(message.sequence, message.digest);
    case 'ask':
      return void answer(message.id, message.asked);
    case 'cancel':
      return asked.get(message.id)?.abort();
    case 'close':
      return void close();
  }
};
for (const message of early) receive(message);
await follower.start();
