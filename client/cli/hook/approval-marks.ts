// Marks of permission questions that wait: what a hook asked and a later one may have to take back.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HookEvent, HookInput } from '../../runtimes/adapter.js';
import { isAlive } from './session-files.js';

/** What a hook that waits has asked, and for whom. */
export interface ApprovalMark {
  asks: readonly string[];
  session: string;
  /** The subagent that would run the tool; empty for the session itself. */
  agent: string;
  /** The process that waits. */
  pid: number;
}

const MARK = /^asked-[0-9a-f-]{36}$/;

/** Writes a mark, whole or not at all; its file. It is there before anybody is asked. */
export function putMark(directory: string, id: string, mark: ApprovalMark): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `asked-${id}`);
  writeFileSync(`${file}.part`, JSON.stringify(mark), { mode: 0o600 });
  renameSync(`${file}.part`, file);
  return file;
}

/** Removes a mark: nothing of it is open. */
export function dropMark(file: string): void {
  rmSync(file, { force: true });
}

/** The marks whose questions nobody waits for any more, now that a hook of the session runs. */
export function staleMarks(
  directory: string,
  input: HookInput,
  event: HookEvent,
): { file: string; asks: readonly string[] }[] {
  return namesIn(directory).flatMap(name => {
    const file = join(directory, name);
    const mark = readMark(file);
    if (mark === undefined) return [];
    return isStale(mark, input, event) ? [{ file, asks: mark.asks }] : [];
  });
}

/**
 * A question is over when its hook is no more, when the session ends, and when who asked has gone
 * on: after a step of tools, a turn, or at the next prompt it was answered where it runs. A tool
 * by itself tells nothing: another of the same step may still wait.
 */
function isStale(mark: ApprovalMark, input: HookInput, { moment, proves }: HookEvent): boolean {
  if (!isAlive(mark.pid)) return true;
  if (mark.session !== input.session) return false;
  if (moment === 'end') return true;
  const goesOn = moment === 'prompt' || moment === 'stop' || (moment === 'tool' && proves === true);
  return goesOn && mark.agent === (input.subagent ?? '');
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter(name => MARK.test(name));
  } catch {
    return [];
  }
}

function readMark(file: string): ApprovalMark | undefined {
  try {
    const { asks, session, agent, pid } = JSON.parse(readFileSync(file, 'utf8'));
    const isWhole = Array.isArray(asks) && typeof session === 'string' && typeof agent === 'string';
    return isWhole ? { asks: asks.map(String), session, agent, pid: Number(pid) } : undefined;
  } catch {
    return undefined;
  }
}
