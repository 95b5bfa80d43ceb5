// Snapshots: the whole state as plain rows and back; one folded on is the replay, row for row.
import { CommandIds, type CommandIdsSnapshot } from './command-ids.js';
import { type KeptRows, ofEachNoun, type Rows, type Table } from './table.js';

/** Plain rows only. Rows whose order means nothing are sorted, so equal states are equal here. */
export interface TableSnapshot extends KeptRows {
  time: number;
  log: Table['log'];
  commands: CommandIdsSnapshot;
}

/** A deep copy of all rows: the table may fold on while the snapshot is written. */
export function toSnapshot(table: Table): TableSnapshot {
  const { time, log, commands } = table;
  const rows = ofEachNoun(noun => table[noun].toSnapshot()) as KeptRows;
  return structuredClone({ time, log, ...rows, commands: commands.toSnapshot() });
}

/**
 * A table of its own, which shares nothing with the snapshot; folding on gives what a replay gives.
 * `commandIds` is how many command ids it remembers, by default `limits.command_memory_ids`.
 */
export function fromSnapshot(snapshot: TableSnapshot, commandIds?: number): Table {
  const kept = structuredClone(snapshot);
  const rows = ofEachNoun((noun, Rows) => Rows.fromSnapshot(kept[noun] as never)) as Rows;
  const commands = CommandIds.fromSnapshot(kept.commands, commandIds);
  return { time: kept.time, log: kept.log, ...rows, commands };
}
