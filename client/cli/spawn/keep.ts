// The verb spawn keep: what a session without a terminal runs under.
import { keepSession } from '../../spawn/keeper.js';
import { readRecord, spawnFolder } from '../../spawn/record.js';
import { Failure } from '../../terminal/exit.js';
import type { Cli } from '../cli.js';

/** Runs it to its end. */
export async function keep(cli: Cli, spawn: string, words: readonly string[]): Promise<void> {
  const { state } = cli.paths;
  const record = readRecord(state, spawn);
  const isIts = cli.world.env.SIGNALBOX_SPAWN === spawn && record?.mode === 'detached';
  if (record === undefined || !isIts) {
    throw new Failure('usage', 'only spawn itself keeps a session', { hint: 'signalbox spawn' });
  }
  await keepSession(spawnFolder(state, spawn), record, words);
}
