// The thread of the integrity check: looks through one table of an index after the other.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { causeOf } from '../../../system/fault.js';
import { joinGate } from '../../../system/native-gate.js';
import { isDamage, Sqlite } from './sqlite.js';

/** The file, and the gate of whoever may end this thread. */
export interface CheckSetup {
  path: string;
  gate: SharedArrayBuffer;
}

/** After all that answers somebody. */
const NICE = 15;

const setup = workerData as CheckSetup;

// Elsewhere than on Linux this would be the priority of the whole process.
if (process.platform === 'linux') setPriority(0, NICE);

/** What is wrong; undefined when nothing is. Throws what says nothing of the file. */
async function damageIn(path: string): Promise<string | undefined> {
  let db: Sqlite | undefined;
  try {
    db = await Sqlite.open(path);
    const tables = db.all("SELECT name FROM sqlite_schema WHERE type = 'table'");
    for (const [name] of tables) {
      // Each table is a read of its own: a log of writes that waits for one does not grow for long.
      const found = db.get(`PRAGMA quick_check("${String(name).replaceAll('"', '""')}")`)?.[0];
      if (found !== 'ok') return String(found);
    }
    return undefined;
  } catch (error) {
    if (isDamage(error)) return causeOf(error);
    throw error;
  } finally {
    db?.close();
  }
}

joinGate(setup.gate);
parentPort?.postMessage(await damageIn(setup.path));
