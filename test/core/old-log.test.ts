// Logs written before level 3, kept as they were: they fold to what they always were.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { replay } from '../../broker/archive/replay.js';
import { packReceipt } from '../../broker/core/rows/receipt.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { folded, stateOf } from '../dsl/state.js';

/**
 * Written by the code of level 2: a world of two brokers whose clocks, and their store's, went
 * apart and back, and six hostile histories.
 */
const FILE = new URL('../../../test/core/level-2.gz', import.meta.url);

interface Kept {
  /** When the store took it, and its bytes in base64. */
  commits: [number, string][];
  /** Of each commit: log time, then reason of void and detail of every record. */
  folded: [number, ...[string, number][]][];
  /** What the snapshot of the last fold held. */
  state: object;
}

const logs = JSON.parse(gunzipSync(readFileSync(FILE)).toString()) as Kept[];

t.test('12: a log of level 2 has the times, verdicts and rows that it always had', async t => {
  for (const kept of logs) {
    const log = deliveriesOf(kept);
    const lines: unknown[] = [];
    const fold = folded([]);
    for (const delivery of log) {
      const { time, records } = fold.commit(delivery);
      lines.push([
        time,
        ...records.map(({ void: reason, receipt }) => [reason ?? '', packReceipt(receipt)]),
      ]);
    }
    t.strictSame(lines, kept.folded);
    // Later code may keep more of a row; what was there has not changed.
    t.match(JSON.parse(stateOf(fold)), kept.state);

    const clock = { now: () => 0, elapsed: () => 0 };
    const store = openMemory({ store: { ...memoryStore(), commits: log }, clock });
    const times: number[] = [];
    for await (const { time } of replay(store, fold, 1)) times.push(time);
    t.strictSame(
      times,
      kept.folded.map(([time]) => time),
      'and so has what is read back from it',
    );
  }
});

function deliveriesOf({ commits }: Kept) {
  return commits.map(([storedAt, bytes], i) => ({
    sequence: i + 1,
    storedAt,
    bytes: new Uint8Array(Buffer.from(bytes, 'base64')),
  }));
}
