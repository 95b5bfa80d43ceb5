// The secret of a webhook: read from a file where it was chosen, and shown once where it was made.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import type { Cli } from '../cli.js';

/** The one line of a file. A Failure where it cannot be read, or is none. */
export async function secretIn(cli: Cli, file: string): Promise<string> {
  const path = resolve(cli.world.directory, file);
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Failure('failed', `cannot read ${file}: ${why(error)}`);
  });
  const secret = text.trim();
  if (/^whsec_\S+$/.test(secret)) return secret;
  throw new Failure('usage', `${file} holds no secret of a webhook`, {
    hint: `make one:\n  printf 'whsec_%s\\n' "$(openssl rand -base64 32)" > ${file}`,
  });
}

/** As a parameter, where a file was named. */
export async function chosenSecret(
  cli: Cli,
  file: string | undefined,
): Promise<{ secret?: string }> {
  return file === undefined ? {} : { secret: await secretIn(cli, file) };
}
