// The file of a service on the disk: whether it is ours as we wrote it, written, and taken away.
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import { readSmallFile } from '../config/small-file.js';
import { SERVICE_MARK, type ServicePlan } from './plan.js';
import { plistMark, plistText } from './plist.js';
import { unitMark, unitText } from './unit.js';

/** How the file of a service stands; `text` is all of it, `made` counts the folders made for it. */
export type ServiceStanding =
  | { kind: 'none' }
  | { kind: 'ours'; text: string; made: number }
  /** Ours, and changed since. */
  | { kind: 'changed' }
  | { kind: 'foreign' };

const MARK = new RegExp(`^(?:# |<!-- )${SERVICE_MARK} ([0-9a-f]{64}) (\\d)(?: -->)?$`, 'm');

/** Looks at it. Throws a Failure where it cannot be read. */
export function standingOf(file: string): ServiceStanding {
  const link = lstatSync(file, { throwIfNoEntry: false });
  if (link === undefined) return { kind: 'none' };
  // A link to nothing is how systemd has a unit masked.
  if (!link.isFile()) return { kind: 'foreign' };
  const text = readSmallFile(file)?.text ?? '';
  const found = MARK.exec(text);
  if (found === null) return { kind: 'foreign' };
  const [mark, digest, made] = found;
  const isLast = text.length === found.index + mark.length + 1;
  const isWhole = isLast && digest === digestOf(text.slice(0, found.index));
  return isWhole ? { kind: 'ours', text, made: Number(made) } : { kind: 'changed' };
}

/** Refuses to touch what we did not write so. Throws a Failure. */
export function demandOurs(file: string, { kind }: ServiceStanding): void {
  if (kind === 'none' || kind === 'ours') return;
  const what = kind === 'foreign' ? 'was not written by signalbox' : 'was changed by hand';
  throw new Failure('conflict', `${file} ${what}, and is left alone`, {
    hint: `move it away first: mv '${file}' '${file}.old'`,
  });
}

/** All of the file, as it is to be. */
export function serviceText(plan: ServicePlan, made: number): string {
  const isUnit = plan.keeper === 'systemd';
  const body = isUnit ? unitText(plan) : plistText(plan);
  const mark = isUnit ? unitMark : plistMark;
  return `${body}${mark(digestOf(body), made)}\n`;
}

/** Writes it, 0600 as an address in it may have a password; false where it stood so already. */
export function writeService(plan: ServicePlan, standing: ServiceStanding): boolean {
  const { file } = plan;
  const made = standing.kind === 'ours' ? standing.made : missingAbove(file);
  const text = serviceText(plan, made);
  if (standing.kind === 'ours' && standing.text === text) return false;
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
    return true;
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Failure('failed', `cannot write ${file}: ${why(error)}`);
  }
}

/** Takes it away, with the folders that were made for it and are empty. */
export function removeService(file: string, made: number): void {
  try {
    rmSync(file);
  } catch (error) {
    throw new Failure('failed', `cannot remove ${file}: ${why(error)}`);
  }
  let folder = dirname(file);
  for (let left = made; left > 0; left--) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
    folder = dirname(folder);
  }
}

/** How many folders above a file are yet to be made; 9 at most. */
function missingAbove(file: string): number {
  let folder = dirname(file);
  let missing = 0;
  for (; !existsSync(folder) && missing < 9; missing++) folder = dirname(folder);
  return missing;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
