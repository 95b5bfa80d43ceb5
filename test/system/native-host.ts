// A process for tests whose threads use SQLite without a rest, and are ended in every way there is.
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { joinGate, NativeGate, shutAtExit, threadGate } from '../../broker/system/native-gate.js';
import { IntegrityCheck } from '../../broker/timeline/index/store/integrity.js';
import { Sqlite } from '../../broker/timeline/index/store/sqlite.js';

/** How a thread ends: by the one that started it, by a fault of its own, or by its own will. */
type End = 'terminated' | 'fault' | 'exit';

interface Setup {
  gate: SharedArrayBuffer;
  path: string;
  end: End;
}

const EXIT_CODE = 7;

/** Its result is made long after it was begun. */
const LONG = `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 100000)
  SELECT sum(n) FROM c`;

function work(db: Sqlite): void {
  db.transaction(() => {
    for (let n = 0; n < 20; n++) db.run('INSERT INTO words VALUES (?, ?)', n, 'x'.repeat(99));
  });
  db.all(LONG);
}

async function thread({ gate, path, end }: Setup): Promise<void> {
  joinGate(gate);
  shutAtExit(threadGate());
  parentPort!.postMessage('opens');
  const db = await Sqlite.open(path);
  db.exec('CREATE TABLE IF NOT EXISTS words(n, word)');
  work(db);
  parentPort!.postMessage('works');
  if (end === 'terminated') for (;;) work(db);
  // The check reads in a thread below, which ends with this one.
  for (let n = 0; n < 3; n++) new IntegrityCheck(path, false);
  await pause(Math.random() * 60);
  if (end === 'exit') process.exit();
  throw new Error('a fault');
}

async function main(path: string, rounds: number): Promise<void> {
  const start = (end: End, nth: number) => {
    const gate = new NativeGate();
    const setup: Setup = { gate: gate.shared, path: `${path}-${nth % 2}`, end };
    const worker = new Worker(new URL(import.meta.url), { workerData: setup });
    const says = (word: string) =>
      new Promise<void>(resolve => worker.on('message', said => said === word && resolve()));
    const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()));
    worker.on('error', () => {});
    return { gate, worker, says, ended, forget: shutAtExit(gate) };
  };
  for (let nth = 0; nth < rounds; nth++) {
    const { gate, worker, says, forget } = start('terminated', nth);
    await says(nth % 2 ? 'opens' : 'works');
    await pause(Math.random() * 10);
    if (!(await gate.shutWithin(60_000))) throw new Error('a native call does not end');
    await worker.terminate();
    forget();
    const [fault, exit] = [start('fault', nth), start('exit', nth + 1)];
    await Promise.all([fault.ended, exit.ended]);
    fault.forget();
    exit.forget();
  }
  await start('terminated', 0).says('works');
  await pause(5);
  // With a thread in the middle of its work.
  process.exit(EXIT_CODE);
}

if (isMainThread) await main(process.argv[2] ?? '', Number(process.argv[3]));
else await thread(workerData as Setup);
