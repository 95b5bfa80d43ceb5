// How a spawned session is looked at by whoever spawned it.
import { logOf } from '../../spawn/keeper.js';
import type { SpawnRecord } from '../../spawn/record.js';
import { quoted } from '../../terminal/paste.js';

/** The command that shows its terminal, or its log. */
export function lookAt({ socket, spawn }: SpawnRecord, folder: string): string {
  if (socket === undefined) return `tail -f ${quoted(logOf(folder))}`;
  return `env -u TMUX tmux -S ${quoted(socket)} attach -t ${spawn}`;
}
