// What is done with the files of a log in this process, without a broker that runs.
import { Failure } from '../../terminal/exit.js';
import { isSystemError, why } from '../../terminal/why.js';

type Broker = typeof import('../../../broker/main.js');
export type Report = Awaited<ReturnType<Broker['verifyExportFile']>>;
type Reading = Parameters<Broker['verifyExportFile']>[1];
type Restoring = Parameters<Broker['restoreLog']>[0];

// Loaded late: it is all of the broker.
const broker = () => import('../../../broker/main.js');

/** Reads an export and says what is in it. A Failure when the file cannot be read. */
export async function verifyFile(file: string, reading: Reading): Promise<Report> {
  return (await broker()).verifyExportFile(file, reading).catch(error => {
    throw explained(error, file);
  });
}

/** Fills an empty data directory. A Failure when it is not, or the backup is none. */
export async function restoreFile(restoring: Restoring): Promise<Report> {
  return (await broker()).restoreLog(restoring).catch(error => {
    throw explained(error, restoring.file);
  });
}

/** The public key of a data directory; undefined where no broker was started yet. */
export async function keyIn(dataDir: string): Promise<string | undefined> {
  return (await broker()).publicKeyIn(dataDir);
}

const ENDS = {
  data_unusable: 'conflict',
  data_locked: 'conflict',
  backup_unusable: 'failed',
} as const;

function explained(error: NodeJS.ErrnoException, file: string): unknown {
  const end = ENDS[error.code as keyof typeof ENDS];
  if (end !== undefined) return new Failure(end, error.message);
  if (!isSystemError(error)) return error;
  if (error.syscall === 'write' || error.code === 'ENOSPC') {
    return new Failure('failed', `cannot write all of it: ${why(error)}; nothing was kept`);
  }
  return new Failure('failed', `cannot read ${error.path ?? file}: ${why(error)}`);
}
