// Lets a test file that is run by itself leave nothing behind, as the runner does for all of them.
import { belongingTo, GUARDED, guardedDir } from '../run/guarded.js';

if (process.env[GUARDED] === undefined) {
  Object.assign(process.env, belongingTo(guardedDir()));
  // Somebody watches it: it may take as long as it likes.
  const { default: t } = await import('tap');
  t.setTimeout(0);
}
