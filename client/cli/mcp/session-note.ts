// Notes that the hooks of a session leave for what its runtime started: which session it is at.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a hook tells of the process that runs it. */
export interface SessionNote {
  session: string;
  /** Where the runtime keeps what is its own, when that is said. */
  home?: string;
}

/** Notes the session that a runtime's process is at. */
export async function writeNote(room: string, pid: number, note: SessionNote): Promise<void> {
  await writeFile(fileOf(room, pid), JSON.stringify(note), { mode: 0o600 });
}

/**
 * The session that a runtime's process is at; undefined where no hook has said so since a time in
 * ms UTC: a process of before may have had the number.
 */
export async function readNote(
  room: string,
  pid: number,
  since: number,
): Promise<SessionNote | undefined> {
  const file = fileOf(room, pid);
  const { mtimeMs = 0 } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  if (mtimeMs < since) return undefined;
  return parsed(await readFile(file, 'utf8').catch(() => ''));
}

function parsed(text: string): SessionNote | undefined {
  try {
    const { session, home } = JSON.parse(text);
    if (typeof session !== 'string' || session === '') return undefined;
    return { session, ...(typeof home === 'string' && home !== '' && { home }) };
  } catch {
    return undefined;
  }
}

function fileOf(room: string, pid: number): string {
  return join(room, `_session-${pid}`);
}
