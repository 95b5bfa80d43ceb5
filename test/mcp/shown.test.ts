// Receipts of mail: what a later call proves seen, and what a client that gave up gets again.
import t from 'tap';
import { Shown } from '../../client/mcp/shown.js';

/** A call that shows these, from its begin to its end. */
function answered(shown: Shown, refs: readonly string[], isLost = false): void {
  const call = shown.begin();
  call.hands(refs);
  call.ends(isLost);
}

t.test('what an answer showed is proven by the next call, once', async t => {
  const shown = new Shown();
  answered(shown, ['a', 'b']);
  t.same(shown.begin().proven, ['a', 'b']);
  t.same(shown.begin().proven, []);
});

t.test('a call beside the answer proves nothing, nor does one beside that call', async t => {
  const shown = new Shown();
  const [inbox, beside] = [shown.begin(), shown.begin()];
  inbox.hands(['a']);
  inbox.ends(false);
  t.same(shown.begin().proven, [], 'beside still runs');
  beside.ends(false);
});

t.test('it is proven once all that ran beside it has ended', async t => {
  const shown = new Shown();
  const [inbox, beside] = [shown.begin(), shown.begin()];
  inbox.hands(['a']);
  inbox.ends(false);
  beside.ends(false);
  t.same(shown.begin().proven, ['a']);
});

t.test('what a client that gave up was to be shown is lost until it is shown again', async t => {
  const shown = new Shown();
  answered(shown, ['a'], true);
  const next = shown.begin();
  t.same([next.proven, next.lost], [[], ['a']]);
  next.hands(['a']);
  next.ends(false);
  const after = shown.begin();
  t.same([after.proven, after.lost], [['a'], []]);
});

t.test('what could not be acknowledged is proven again', async t => {
  const shown = new Shown();
  shown.keep(['a']);
  t.same(shown.begin().proven, ['a']);
});
