// Who a shell speaks for: the agent its environment names, the name it was given, or by default.
import type { Role } from '../../../schemas/common.js';
import { limits } from '../../../schemas/limits.js';
import { Failure } from '../../terminal/exit.js';
import { type Settings, settingOf } from '../config/settings.js';
import { folderOf } from './folder.js';
import { type Runtime, runtimeOf } from './runtime.js';
import { shortHash } from './short-hash.js';
import { type Started, startedIn } from './started.js';

/** An agent whose own program joined for it, or whoever joins from this shell. */
export type Who = { agent: string; secretFile: string } | Speaker;

/** Whoever joins from this shell. */
export interface Speaker {
  /** The name to join under. */
  person: string;
  /** What its identity is kept under. */
  key: string;
  /** When nothing else is said. */
  role: Role;
  /** The circle to join first. */
  circle?: string;
  /** The coding agent whose shell this is. */
  runtime?: string;
  /** The start that this may be the session of, if no other has claimed it. */
  started?: Started;
}

/** What the config files say of whoever joins from here. */
export interface Habits {
  /** A person's name. */
  as?: string;
  /** The role of coding agents. */
  role?: Role;
  circle?: string;
}

/** Read off the files. */
export function habitsIn(settings: Settings): Habits {
  const [as, role, circle] = (['as', 'role', 'circle'] as const).map(
    key => settingOf(settings, key)?.value,
  );
  return { ...(as && { as }), ...(role && { role: role as Role }), ...(circle && { circle }) };
}

interface Shell {
  env: NodeJS.ProcessEnv;
  userName: string;
  directory: string;
}

/** Who a shell speaks for; `as` is what was given with --as. A Failure when that is not clear. */
export function whoSpeaks(
  { env, userName, directory }: Shell,
  as: string | undefined,
  habits: Habits = {},
): Who {
  const { SIGNALBOX_PEER: agent, SIGNALBOX_SECRET_FILE: secretFile } = env;
  if (agent && !secretFile) {
    throw new Failure('usage', 'SIGNALBOX_PEER needs SIGNALBOX_SECRET_FILE beside it', {
      hint: 'name the file of its secret, or unset SIGNALBOX_PEER to speak as a person',
    });
  }
  if (agent && secretFile) {
    if (as === undefined) return { agent, secretFile };
    throw new Failure('usage', `--as is for people; this shell speaks for ${agent}`, {
      hint: 'unset SIGNALBOX_PEER to speak as a person',
    });
  }
  const runtime = runtimeOf(env);
  const role = runtime === undefined ? 'human' : (habits.role ?? 'agent');
  const { circle } = habits;
  const common = { role, ...(circle && { circle }), ...(runtime && { runtime: runtime.name }) };
  const name = as ?? (env.SIGNALBOX_AS || undefined);
  if (name !== undefined) return { person: checked(name), key: name, ...common };
  if (runtime === undefined) {
    const person = habits.as ?? nameFrom(userName);
    return { person, key: person, ...common };
  }
  return { ...automatic(runtime, directory, startedIn(env)), ...common };
}

/**
 * A Failure where the shell of a coding agent is to speak as a person: that word lets tools run,
 * and an agent that may say it asks nobody but itself.
 */
export function demandNoHuman({ runtime, person }: Speaker, role: Role | undefined): void {
  if (runtime === undefined || role !== 'human') return;
  throw new Failure('unauthorised', `${person} is a person, and this a shell of ${runtime}`, {
    hint: 'people speak from a shell of their own; here leave out --as, SIGNALBOX_AS and --role',
    refusal: 'forbidden',
  });
}

/**
 * Who an agent's session is on the mesh: the same peer as that of its shell. One that tells no
 * session is known by its name, else by its work tree.
 */
export function whoOfSession(
  directory: string,
  runtime: Runtime,
  name: string | undefined,
  { role = 'agent', circle }: Habits = {},
  started?: Started,
): Speaker {
  const common = { role, ...(circle && { circle }), runtime: runtime.name };
  if (name !== undefined && runtime.session === undefined) {
    return { person: checked(name), key: name, ...common };
  }
  const { person, ...self } = automatic(runtime, directory, started);
  return { person: name ?? person, ...self, ...common };
}

/** Two agents of one user are two peers: each session is, else each start, else each work tree. */
function automatic({ name, session }: Runtime, directory: string, started: Started | undefined) {
  const { top } = folderOf(directory);
  const self = JSON.stringify([name, session ?? started?.spawn ?? top]);
  const key = `${AUTOMATIC}${shortHash(self)}`;
  return { person: nameFrom(baseOf(top) || name), key, ...(started && { started }) };
}

/** Begins the key of an identity that nobody named; no peer's name begins so. */
export const AUTOMATIC = '_';

/** A peer name from what the system calls the user or folder. */
export function nameFrom(called: string): string {
  const plain = called
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9._-]+/g, '-');
  const name = plain.replace(/^[^a-z0-9]+/, '').replace(/-+$/, '');
  return name.slice(0, limits.name_chars) || 'someone';
}

function baseOf(path: string): string {
  return path.split(/[\\/]/).findLast(step => step !== '') ?? '';
}

function checked(name: string): string {
  if (nameFrom(name) === name) return name;
  throw new Failure('usage', `${name} is no name: use 1-64 of a-z 0-9 . _ -`, {
    hint: `for example --as ${nameFrom(name)}`,
  });
}
