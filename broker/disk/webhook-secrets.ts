// The secrets that sign webhooks and were chosen by somebody: files of the data directory, 0600.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isCommandId } from '../../schemas/uuid.js';
import { readIfThere, syncDirectory, writeDurably } from './data-dir.js';

/** Keeps secrets by the id of the event that brought them. */
export interface SecretStore {
  read(key: string): Promise<string | undefined>;
  write(key: string, secret: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** In `webhooks/<key>.secret`; to give one to another broker, copy the file or use `entrust`. */
export class SecretFiles implements SecretStore {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'webhooks');
  }

  /** Undefined when there is none. */
  async read(key: string): Promise<string | undefined> {
    return (await readIfThere(this.#fileOf(key)))?.trim();
  }

  /** Resolves when it is on disk. */
  async write(key: string, secret: string): Promise<void> {
    const file = this.#fileOf(key);
    await mkdir(this.#folder, { mode: 0o700, recursive: true });
    await writeDurably(file, `${secret}\n`);
    await syncDirectory(this.#folder);
  }

  async remove(key: string): Promise<void> {
    await rm(this.#fileOf(key), { force: true });
  }

  /** A key comes from the log: it names a file only where it is what ours are. */
  #fileOf(key: string): string {
    if (!isCommandId(key)) throw new Error('a webhook secret has no such key');
    return join(this.#folder, `${key}.secret`);
  }
}
