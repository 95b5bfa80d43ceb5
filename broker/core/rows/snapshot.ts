// Snapshots: the whole state as plain rows and back; one folded on is the replay, row for row.
import { CommandIds, type CommandIdsSnapshot } from './command-ids.js';
import { type KeptRows, ofEachNoun, type Rows, type Table } from './table.js';

/** All but the memory of command ids, which only judging needs. */
export interface KeptTable extends KeptRows {
  time: number;
  log: Table['log'];
}

/** Plain rows only. Rows whose order means nothing are sorted, so equal states are equal here. */
export interface TableSnapshot extends KeptTable {
  commands: CommandIdsSnapshot;
}

/** A deep copy of all rows: the table may fold on while the snapshot is written. */
export function toSnapshot(table: Table): TableSnapshot {
  return structuredClone({ ...toKept(table), commands: table.commands.toSnapshot() });
}

/**
 * A table of its own, which shares nothing with the snapshot; folding on gives what a replay gives.
 * `commandIds` is how many command ids it remembers, by default `limits.command_memory_ids`.
 */
export function fromSnapshot(snapshot: TableSnapshot, commandIds?: number): Table {
  const kept = structuredClone(snapshot);
  const commands = CommandIds.fromSnapshot(kept.commands, commandIds);
  return { ...fromKept(kept), commands };
}

/**
 * The state at this moment at the price of its indexes: rows that never change in place are shared
 * with the table, which may fold on. https://en.wikipedia.org/wiki/Persistent_data_structure
 */
export function toKept(table: Table): KeptTable {
  const rows = ofEachNoun(noun => table[noun].toSnapshot()) as KeptRows;
  return { time: table.time, log: { ...table.log }, ...rows };
}

/** A table that may fold on beside others made of the same; it remembers no command ids. */
export function fromKept(kept: KeptTable): Table {
  const rows = ofEachNoun((noun, Rows) => Rows.fromSnapshot(kept[noun] as never)) as Rows;
  return { time: kept.time, log: { ...kept.log }, ...rows, commands: new CommandIds(1) };
}
