// Who joined from here: a peer id and a secret made here, each kept in a file of its own.
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Role } from '../../../schemas/common.js';
import { newIdentity } from '../../sdk/identity.js';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import { decoded } from './decode.js';
import { AUTOMATIC } from './who.js';

/** What a peer says of itself when it joins. */
export interface JoinProfile {
  role: Role;
  circle: string;
  project?: string;
  path?: string;
  machine?: string;
  runtime?: string;
  model?: string;
}

/** A kept identity. */
export interface Person {
  peer: string;
  secret: string;
  /** The name on the mesh, which may differ from the name the file was made under. */
  name: string;
  /** The broker it joined through: a data directory or URL. */
  place: string;
  /** What it said of itself when it joined; absent until then. */
  profile?: JoinProfile;
  /** Of a fork: the name of its parent. */
  fork_of?: string;
}

/** The same, and where it lies. */
export interface KeptPerson extends Person {
  file: string;
}

const LEFT = '.left';

/**
 * The identity kept under `key`, or the one that bears this name on the mesh since a rename.
 * Throws a Failure for a file that is damaged or cannot be read.
 */
export async function findPerson(directory: string, key: string): Promise<KeptPerson | undefined> {
  const own = await readPerson(join(directory, `${key}.json`));
  if (own !== undefined || key.startsWith(AUTOMATIC)) return own;
  const files = await readdir(directory).catch(() => []);
  // What no one named is nobody's by name either, and a damaged neighbour is not ours to tell.
  const others = files.filter(file => /^[a-z0-9][a-z0-9._-]*\.json$/.test(file)).sort();
  const reading = others.map(file => readPerson(join(directory, file)).catch(() => undefined));
  const people = await Promise.all(reading);
  return people.find(person => person?.name === key);
}

/** The identity that left under `key`. */
export function findLeft(directory: string, key: string): Promise<KeptPerson | undefined> {
  return readPerson(join(directory, `${key}.json${LEFT}`));
}

/** A new identity, on disk before it is used; of two makers at once, one is kept. */
export async function makePerson(
  directory: string,
  key: string,
  told: { name: string; place: string },
): Promise<KeptPerson> {
  const file = join(directory, `${key}.json`);
  await keeping(file, async () => {
    const draft = await writeDraft(file, { ...newIdentity(), ...told });
    // Linking fails where a file is, so a name is never given away twice.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(draft, { force: true });
  });
  const kept = await readPerson(file);
  if (kept === undefined) throw new Failure('failed', `${file} went away as it was made`);
  return kept;
}

/** Notes what the mesh said, the name it gave above all. */
export async function keepNews(person: KeptPerson, news: Partial<Person>): Promise<KeptPerson> {
  const { file, ...kept } = person;
  const now = { ...kept, ...news };
  if (JSON.stringify(now) === JSON.stringify(kept)) return person;
  await keeping(file, async () => rename(await writeDraft(file, now), file));
  return { ...now, file };
}

/** Moves an identity to another log's directory, whose the peer is too. */
export async function adopt(person: KeptPerson, directory: string, key: string): Promise<void> {
  const file = join(directory, `${key}.json`);
  await keeping(file, () => rename(person.file, file));
}

/** The next word makes a new identity; `join` comes back as this one. */
export async function setAside(person: KeptPerson): Promise<void> {
  await rename(person.file, `${person.file}${LEFT}`);
}

/** The one that left is in use again. */
export async function takeBack(person: KeptPerson): Promise<KeptPerson> {
  const file = person.file.slice(0, -LEFT.length);
  await rename(person.file, file);
  return { ...person, file };
}

/** The next join makes a new identity. */
export async function forgetPerson(person: KeptPerson): Promise<void> {
  await rm(person.file, { force: true });
}

async function keeping(file: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await work();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('failed', `cannot keep an identity in ${dirname(file)}: ${why(error)}`, {
      hint: 'make that directory yours to write, or set XDG_STATE_HOME to another',
    });
  }
}

async function writeDraft(file: string, person: Person): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${JSON.stringify(person)}\n`, { mode: 0o600, flush: true });
  } catch (error) {
    // A full disk leaves half a file.
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
  return draft;
}

async function readPerson(file: string): Promise<KeptPerson | undefined> {
  const bytes = await readWhole(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new Failure('failed', `cannot read the identity in ${file}: ${why(error)}`);
  });
  if (bytes === undefined) return undefined;
  const kept = parsed(decoded(bytes) ?? '');
  if (kept !== undefined) return { ...kept, file };
  throw new Failure('failed', `the identity file is damaged: ${file}`, {
    hint: 'put it back from a copy, or move it away and take a new identity: signalbox join',
  });
}

/** A device or a pipe in its place would be read without end: it is as good as damaged. */
async function readWhole(file: string): Promise<Buffer> {
  return statSync(file).isFile() ? readFileSync(file) : Buffer.alloc(0);
}

/** Whether the text of a file is that of an identity. */
export function isIdentity(text: string): boolean {
  return parsed(text) !== undefined;
}

function parsed(text: string): Person | undefined {
  try {
    const { peer, secret, name, place = '', profile, fork_of } = JSON.parse(text);
    const isWhole = [peer, secret, name, place].every(field => typeof field === 'string');
    if (!isWhole || !/^peer_[0-9a-f-]{36}$/.test(peer) || secret === '') return undefined;
    const more = { ...(profile && { profile }), ...(typeof fork_of === 'string' && { fork_of }) };
    return { peer, secret, name, place, ...more };
  } catch {
    return undefined;
  }
}
