// Who this person is on a mesh: a peer id and a secret made here, kept in a file of their own.
import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../../schemas/limits.js';
import { newIdentity } from '../../identity.js';

export interface Person {
  peer: string;
  secret: string;
  /** The name on the mesh, which may differ from the name the file was made under. */
  name: string;
}

export interface KeptPerson extends Person {
  file: string;
}

/** A peer name from what the system calls the user. */
export function nameFrom(userName: string): string {
  const plain = userName
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9._-]+/g, '-');
  const name = plain.replace(/^[^a-z0-9]+/, '').replace(/-+$/, '');
  return name.slice(0, limits.name_chars) || 'someone';
}

/** The identity kept under `name`, or the one that bears this name on the mesh since a rename. */
export async function findPerson(directory: string, name: string): Promise<KeptPerson | undefined> {
  const own = await readPerson(join(directory, `${name}.json`));
  if (own !== undefined) return own;
  const files = await readdir(directory).catch(() => []);
  const others = files.filter(file => file.endsWith('.json')).sort();
  const people = await Promise.all(others.map(file => readPerson(join(directory, file))));
  return people.find(person => person?.name === name);
}

/** A new identity under `name`, on disk before it is used; of two makers at once, one is kept. */
export async function makePerson(directory: string, name: string): Promise<KeptPerson> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `${name}.json`);
  const draft = await writeDraft(file, { ...newIdentity(), name });
  // Linking fails where a file is, so a name is never given away twice.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft, { force: true });
  const kept = await readPerson(file);
  if (kept === undefined) throw new Error(`${file} is damaged; remove it and try again`);
  return kept;
}

/** Notes the name the mesh gave. */
export async function keepName(person: KeptPerson, name: string): Promise<void> {
  if (person.name === name) return;
  const { peer, secret } = person;
  await rename(await writeDraft(person.file, { peer, secret, name }), person.file);
}

/** The next verb makes a new identity. */
export async function forgetPerson(person: KeptPerson): Promise<void> {
  await rm(person.file, { force: true });
}

async function writeDraft(file: string, person: Person): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(person)}\n`, { mode: 0o600, flush: true });
  return draft;
}

async function readPerson(file: string): Promise<KeptPerson | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { peer, secret, name } = JSON.parse(text);
    const whole = [peer, secret, name].every(field => typeof field === 'string');
    return whole ? { peer, secret, name, file } : undefined;
  } catch {
    return undefined;
  }
}
