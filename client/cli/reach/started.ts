// A session that Signalbox started: what its environment says of it, and the claim that proves it.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from '../../../schemas/common.js';
import { Failure } from '../../terminal/exit.js';

/** What whoever started a session told it by its environment. */
export interface Started {
  /** SIGNALBOX_SPAWN: one start, `spawn_` and a uuid. */
  spawn: string;
  /** SIGNALBOX_NAME: the name to join under. */
  name?: string;
  /** SIGNALBOX_ROLE, never that of a person. */
  role?: Role;
  /** SIGNALBOX_CIRCLE */
  circle?: string;
}

const SPAWN = /^spawn_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const ROLES: readonly string[] = ['agent', 'orchestrator', 'service'];

/** True for the id of a start. */
export function isSpawnId(text: string): boolean {
  return SPAWN.test(text);
}

/**
 * What the environment says of a start; undefined where there is no SIGNALBOX_SPAWN, without which
 * the other three mean nothing: they would hold for every session that this one starts in turn.
 * Throws a Failure for what is no id, name, role or circle.
 */
export function startedIn(env: NodeJS.ProcessEnv): Started | undefined {
  const { SIGNALBOX_SPAWN: spawn } = env;
  if (!spawn) return undefined;
  if (!isSpawnId(spawn)) throw wrong('SIGNALBOX_SPAWN', 'the id of a start, spawn_<uuid>');
  const { SIGNALBOX_NAME: name, SIGNALBOX_ROLE: role, SIGNALBOX_CIRCLE: circle } = env;
  if (name && !NAME.test(name)) throw wrong('SIGNALBOX_NAME', '1-64 of a-z 0-9 . _ -');
  if (circle && !NAME.test(circle)) throw wrong('SIGNALBOX_CIRCLE', '1-64 of a-z 0-9 . _ -');
  if (role && !ROLES.includes(role)) throw wrong('SIGNALBOX_ROLE', ROLES.join(', '));
  return {
    spawn,
    ...(name && { name }),
    ...(role && { role: role as Role }),
    ...(circle && { circle }),
  };
}

function wrong(variable: string, form: string): Failure {
  return new Failure('usage', `${variable} has to be ${form}`, {
    hint: `it is set by whoever starts a session; in a shell of your own: unset ${variable}`,
  });
}

/** Where the identity lies that was made for a start before its session began. */
export function seatFile(room: string, spawn: string): string {
  return join(room, `_${spawn}.json`);
}

/** The key of the session that has claimed a start; undefined while none has. */
export function claimantOf(room: string, spawn: string): string | undefined {
  try {
    return readFileSync(claimFile(room, spawn), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * True where the session of this key is the one that was started: the first that says so. Every
 * process that it starts inherits its environment, and other sessions among them are not it. What
 * was made for it is moved to its key, also where an earlier claim was killed before that.
 */
export async function claimStart(room: string, spawn: string, key: string): Promise<boolean> {
  if (claimantOf(room, spawn) === undefined) await claim(room, spawn, key);
  if (claimantOf(room, spawn) !== key) return false;
  await rename(seatFile(room, spawn), join(room, `${key}.json`)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    },
  );
  return true;
}

/** Linked when it is whole, so that nobody reads half a key; of two at once, one is first. */
async function claim(room: string, spawn: string, key: string): Promise<void> {
  await mkdir(room, { recursive: true, mode: 0o700 });
  const file = claimFile(room, spawn);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, key, { mode: 0o600 });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

/** Where the claim of a start lies. */
export function claimFile(room: string, spawn: string): string {
  return join(room, `_${spawn}`);
}
