// Every byte of an export of 1,000 commits as every other value: each is found. A long run.

import { FIRST_SUM, unsealLine } from '../../broker/core/audit/export-lines.js';
import { passingSigner } from '../../broker/disk/signing-key.js';
import { exported, someLog, verified } from '../dsl/exports.js';

const VALUES = 256;
const NEWLINE = 10;

const signer = passingSigner();
const bytes = await exported(someLog(1_000, signer), signer);
if (!verified(bytes, [signer.key]).ok) throw new Error('the export itself does not verify');

let [missed, tried, at] = [0, 0, 0];
let sum = FIRST_SUM;
while (at < bytes.length) {
  const end = bytes.indexOf(NEWLINE, at);
  const line = Buffer.from(bytes.subarray(at, end));
  for (let n = 0; n < line.length; n++) {
    const old = line[n]!;
    for (let value = 0; value < VALUES; value++) {
      if (value === old) continue;
      tried++;
      line[n] = value;
      // A line break in it makes two lines of which the first is no line.
      const seen = value === NEWLINE ? line.subarray(0, n) : line;
      if (unsealLine(sum, seen) !== undefined) missed++;
    }
    line[n] = old;
  }
  // Without its end, a line goes on into the next.
  const next = bytes.indexOf(NEWLINE, end + 1);
  const run = Buffer.from(bytes.subarray(at, next < 0 ? bytes.length : next));
  for (let value = 0; value < VALUES; value++) {
    if (value === NEWLINE) continue;
    tried++;
    run[end - at] = value;
    if (unsealLine(sum, run) !== undefined) missed++;
  }
  sum = unsealLine(sum, line)?.sum ?? sum;
  at = end + 1;
}
process.stdout.write(`${tried} changes of one byte in ${bytes.length}, ${missed} not found\n`);
if (missed > 0) process.exitCode = 1;
