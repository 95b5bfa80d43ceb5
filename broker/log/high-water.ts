// The high-water mark outside the store: how far the log had come, so that a lost tail is noticed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { readIfThere, writeDurably } from '../data-dir.js';

export interface HighWaterMark {
  sequence: number;
  /** The rolling digest there, hex. */
  digest: string;
}

/** Where the log stands now. */
export type Standing = () => { sequence: number; digest: Uint8Array };

export async function readHighWater(dataDir: string): Promise<HighWaterMark | undefined> {
  const text = await readIfThere(join(dataDir, 'high-water.json'));
  if (text === undefined) return undefined;
  try {
    const { sequence, digest } = JSON.parse(text);
    if (Number.isSafeInteger(sequence) && typeof digest === 'string') return { sequence, digest };
  } catch {
    // Falls through: a mark that cannot be read must not be taken for none.
  }
  throw new Error(
    `high-water.json in ${dataDir} is damaged. Restore it, or: signalbox log accept-loss`,
  );
}

/** True once `signalbox log accept-loss` has said so; the acceptance is used up by `forget`. */
export async function lossAccepted(dataDir: string) {
  const file = join(dataDir, 'loss-accepted');
  const isAccepted = (await readIfThere(file)) !== undefined;
  return { isAccepted, forget: () => rm(file, { force: true }) };
}

/** Writes the mark, fsynced, at most a second behind; the returned function writes the last one. */
export function keepHighWater(dataDir: string, standing: Standing, warn: (line: string) => void) {
  let written = 0;
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const { sequence, digest } = standing();
    if (sequence === written) return;
    const mark = { sequence, digest: Buffer.from(digest).toString('hex') };
    await writeDurably(join(dataDir, 'high-water.json'), `${JSON.stringify(mark)}\n`);
    written = sequence;
  };
  const next = () => {
    writing = writing
      .then(write)
      .catch(error => warn(`high-water mark not written: ${error.message}`));
  };
  const timer = setInterval(next, limits.high_water_every_ms);
  return async () => {
    clearInterval(timer);
    next();
    await writing;
  };
}
