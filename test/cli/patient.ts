// Somebody whom the doctor looks at: a home in which faults are planted, and what is found there.
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import type { FindingRow } from '../../client/cli/check/finding.js';
import { tempDir } from '../dsl/nats.js';
import { type Inside, inside } from './inside.js';

export interface Patient extends Inside {
  /** Writes a file below home. */
  plant(path: string, text: string, mode?: number): Promise<string>;
  read(path: string): Promise<string>;
  /** What the doctor finds, by what it looked at. */
  examined(...words: string[]): Promise<Examined>;
}

export interface Examined {
  code: number | null;
  stderr: string;
  rows: Record<string, FindingRow | undefined>;
}

interface Means {
  env?: NodeJS.ProcessEnv;
  /** Below home: where the shell stands. */
  directory?: string;
}

/** A home of its own, with a broker to speak to if one is given. */
export async function patient(
  t: Test,
  house: Parameters<typeof inside>[1] | undefined,
  { env, directory }: Means = {},
): Promise<Patient> {
  const home = await realpath(await tempDir(t));
  const stands = join(home, directory ?? '');
  await mkdir(stands, { recursive: true });
  const nobody = { SIGNALBOX_URL: undefined, SIGNALBOX_TOKEN_FILE: undefined };
  const own = { HOME: home, PATH: '/usr/bin:/bin', ...(house === undefined && nobody), ...env };
  const ready = house ?? ({ ready: {} } as Parameters<typeof inside>[1]);
  const shell = await inside(t, ready, 'ada', { home, env: own, directory: stands });
  const plant = async (path: string, text: string, mode = 0o600) => {
    const file = join(home, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, text, { mode });
    return file;
  };
  const examined = async (...words: string[]) => {
    const { code, stdout, stderr } = await shell.run(['doctor', '--json', ...words]);
    const { rows } = JSON.parse(stdout) as { rows: FindingRow[] };
    return { code, stderr, rows: Object.fromEntries(rows.map(row => [row.what, row])) };
  };
  return { ...shell, plant, read: path => readFile(join(home, path), 'utf8'), examined };
}
