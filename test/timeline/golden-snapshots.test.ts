// Golden snapshots: whoever changes how a fold is kept says so, or old snapshots would be believed.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'tap';
import { LEVEL } from '../../broker/core/levels.js';
import { foldFrames, foldVersion } from '../../broker/core/snapshots/snapshot.js';
import { deliveriesOf, readGolden } from '../dsl/golden.js';
import { folded } from '../dsl/state.js';

const FILE = new URL('../../../test/timeline/golden-snapshots.json', import.meta.url);

/** What the golden logs of the newest level are on disk. */
function hashOfAll(): string {
  const hash = createHash('sha256');
  for (const log of readGolden(LEVEL)) {
    for (const { name, data } of foldFrames(folded(deliveriesOf(log)))) {
      hash.update(name).update(data);
    }
  }
  return hash.digest('hex');
}

test('10: snapshots are kept as this version of the fold keeps them', async t => {
  const logs = createHash('sha256')
    .update(JSON.stringify(readGolden(LEVEL)))
    .digest('hex');
  const now = { version: foldVersion, logs, snapshots: hashOfAll() };
  const kept = JSON.parse(readFileSync(FILE, 'utf8'));
  const isSaid = now.version !== kept.version || now.logs !== kept.logs;
  if (process.env.UPDATE_SNAPSHOTS === '1' && isSaid) {
    writeFileSync(FILE, `${JSON.stringify(now, undefined, 2)}\n`);
    t.comment('written anew');
    return;
  }
  const cure = isSaid
    ? 'run this test with UPDATE_SNAPSHOTS=1'
    : 'raise FOLD_VERSION (broker/core/snapshots/), then run this test with UPDATE_SNAPSHOTS=1';
  t.same(now, kept, cure);
});
