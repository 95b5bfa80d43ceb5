// The waker: an idle session is poked for mail that waits, at once, seldom again, never in vain.
import t from 'tap';
import { Waker } from '../../client/mcp/waker.js';
import { clientLimits as limits } from '../../schemas/limits-client.js';

/** What each look finds, in the order of the looks; the waker ends with the last. */
interface Found {
  fresh?: number;
  handed?: number;
  turn?: 'idle' | 'working' | 'awaiting_input';
  turn_at?: number;
  /** The turn was reported before the server joined. */
  isOld?: true;
  /** New mail comes while it listens. */
  comes?: true;
  isAway?: true;
}

const NOW = 1_000_000_000;

/** The pokes of a waker for whom time passes only while it rests or listens. */
async function pokesOf(story: readonly Found[], isDear = false) {
  let at = 0;
  let now = NOW;
  const pokes: { after_s: number; again: boolean }[] = [];
  const found = () => story[at] ?? {};
  const answers: Record<string, (params: { again?: boolean; wait_s?: number }) => object> = {
    'inbox.drain': ({ again }) => {
      if (found().isAway) throw new Error('no broker');
      const { fresh = 0, handed = 0 } = found();
      return { remaining: fresh + (again ? handed : 0), position: at };
    },
    'peer.whoami': () => {
      const { turn = 'idle', turn_at = 0, isOld } = found();
      return { status: turn === 'working' && !isOld ? 'busy' : 'online', turn, turn_at };
    },
    'inbox.read': ({ wait_s = 0 }) => {
      const items = found().comes ? [{}] : [];
      now += wait_s * 1_000;
      at++;
      return { items };
    },
  };
  const waker = new Waker({
    mesh: {
      session: 's1',
      now: () => now,
      call: (async (method: string, params: object) => answers[method]!(params)) as never,
    },
    poke: {
      isDear,
      wake: async again => {
        pokes.push({ after_s: (now - NOW) / 1_000, again });
      },
    },
    isEnded: () => at >= story.length,
    rest: async ms => {
      now += ms;
      at++;
    },
  });
  await waker.run();
  return pokes;
}

const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);
const mail: Found = { fresh: 1 };

t.test('an idle session is poked at once, and not again once a hook has drained', async t => {
  const pokes = await pokesOf([{}, mail, {}, {}]);
  t.same(pokes, [{ after_s: limits.wake_wait_s, again: false }]);
});

t.test('mail that was drained before the look is no cause', async t => {
  t.same(await pokesOf([{ comes: true }, {}, { comes: true }, {}]), []);
});

t.test('who does not react is poked ever more seldom, and then no more', async t => {
  const pokes = await pokesOf(times(999, mail));
  t.same(
    pokes.map(({ after_s }) => after_s),
    [0, 4, 20, 84, 340],
  );
  t.equal(pokes.length, limits.wake_tries);
});

t.test('then new mail is worth one poke more, and a hook that ran begins anew', async t => {
  const silent = times(999, mail);
  t.equal((await pokesOf([...silent, { ...mail, comes: true }, ...silent])).length, 6);
  const later = { ...mail, turn_at: NOW + 1_000_000_000 };
  t.equal((await pokesOf([...silent, later, {}])).length, 6);
});

t.test('a busy session drains by itself, unless it stays busy with mail for long', async t => {
  const busy: Found = { fresh: 1, turn: 'working' };
  t.same(await pokesOf(times(5, busy)), []);
  t.same(await pokesOf(times(5, { ...busy, turn: 'awaiting_input' as const })), []);
  t.equal((await pokesOf([...times(5, busy), mail])).length, 1);
  const [first] = await pokesOf(times(99, busy));
  t.same(first, { after_s: limits.wake_broken_off_ms / 1_000, again: false });
});

t.test('where a poke costs a turn it is made for an idle session only, and seldom', async t => {
  t.same(await pokesOf(times(99, { fresh: 1, turn: 'working' as const }), true), []);
  const pokes = await pokesOf(times(999, mail), true);
  t.same(pokes.map(({ after_s }) => after_s).slice(0, 3), [
    0,
    limits.wake_dear_ms / 1_000,
    (5 * limits.wake_dear_ms) / 1_000,
  ]);
  const turned = { ...mail, turn_at: NOW + 1_000_000 };
  t.equal((await pokesOf([mail, {}, turned], true)).length, 2, 'at once where a turn has begun');
});

t.test('mail that was handed to a session which then fell silent is poked for again', async t => {
  const handed: Found = { handed: 1, turn_at: NOW };
  const [first, ...others] = await pokesOf(times(9, handed));
  t.same(first, { after_s: limits.wake_wait_s, again: true });
  t.ok(others.every(({ again }) => again));
  t.same(await pokesOf(times(9, { ...handed, turn: 'working' as const })), []);
  t.same(await pokesOf(times(9, handed), true), []);
});

t.test('a broker that is away is asked again', async t => {
  const pokes = await pokesOf([{ isAway: true }, { isAway: true }, mail, {}]);
  t.same(pokes, [{ after_s: (2 * limits.wake_retry_ms) / 1_000, again: false }]);
});

t.test('who was at work as its server joined is given no dear poke, unless it goes on', async t => {
  const old: Found = { fresh: 1, turn: 'working', isOld: true };
  t.same(await pokesOf(times(5, old), true), []);
  const [first] = await pokesOf(times(999, old), true);
  t.same(first, { after_s: limits.wake_broken_off_ms / 1_000, again: false });
  t.equal((await pokesOf([old, {}])).length, 1, 'a cheap one is made at once');
});
