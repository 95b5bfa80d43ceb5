// Observers of one mesh: the same records on every broker, and none waits for another's slowness.
import { test } from 'tap';
import { connect, join, openBrokers, type Person } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { encodings, type Guest, uuid } from '../dsl/raw-client.js';
import { readLog, Watch } from '../dsl/watch.js';
import { spawnBroker } from './hosts.js';

test('observers on two brokers, in both encodings, see the same records to the byte', async t => {
  const { brokers } = await openBrokers(t, 2);
  const watches: Watch[] = [];
  for (const house of brokers) {
    for (const encoding of encodings) {
      const watch = new Watch();
      await watch.follow(await connect(t, house, { encoding }));
      watches.push(watch);
    }
  }
  const ann = await join(t, brokers[0]!, 'ann', { encoding: 'msgpack' });
  await join(t, brokers[1]!, 'bob');
  const twin = await connect(t, brokers[1]!, { credential: ann.credential });
  const last = uuid(Date.now() + 1_000);
  for (let n = 0; n < 50; n++) {
    const said = { id: uuid(), to: 'bob', text: `é “${n}” 🚉` };
    const both = [ann.guest, twin].map(guest => guest.call('notify.send', said));
    await Promise.all(both);
  }
  await ann.guest.call('peer.turn', { id: last, state: 'idle' });
  for (const watch of watches) await watch.line(event => event.id === last);
  const [first, ...others] = watches.map(({ lines }) => upTo(lines, last));
  for (const other of others) t.equal(other, first, 'byte for byte');
  t.match(first, /"duplicate"\]/, 'with what took no effect, and why');
  const late = await readLog(await connect(t, brokers[1]!, { encoding: 'msgpack' }));
  t.equal(upTo(late, last), first, 'and so does one who comes later');
});

/** The records as text, keys in the order they came in, up to the one of an id. */
function upTo(lines: Watch['lines'], id: string): string {
  const end = lines.findIndex(([, , event]) => event.id === id);
  return JSON.stringify(lines.slice(0, end + 1));
}

const TURN_BYTES = 100_000;
/** More than the ring keeps, so that memory is at its usual height before it is measured. */
const WARM_TURNS = 500;
const TURNS = 400;
const STALLED = 10;
/** Buffering for the stalled would take ten times the turns: 400 MB. */
const GROWTH_BYTES = 120e6;

test('observers who stop reading cost no memory and delay nobody', async t => {
  const broker = await spawnBroker(t, await tempDir(t));
  const ann = await join(t, broker, 'ann', { encoding: 'msgpack' });
  const watch = new Watch();
  await watch.follow(await connect(t, broker, { encoding: 'msgpack' }), 'now');
  const alone = await talk(ann, watch, WARM_TURNS);
  const before = await broker.rss();

  const stalled: { guest: Guest; watch: Watch }[] = [];
  for (let n = 0; n < STALLED; n++) {
    const guest = await connect(t, broker, { encoding: encodings[n % 2]! });
    const slow = new Watch();
    await slow.follow(guest, 'now');
    guest.ws.pause();
    stalled.push({ guest, watch: slow });
  }
  const from = watch.lines.length;
  const beside = await talk(ann, watch, TURNS);
  const growth = (await broker.rss()) - before;
  t.ok(growth < GROWTH_BYTES, `memory grew by ${Math.round(growth / 1e6)} MB`);
  const heights = `${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside ${STALLED} stalled`;
  // Whoever waited for the stalled would wait for ever.
  t.ok(beside < 1_000 + 3 * alone, `an event reaches the others none the less: ${heights}`);

  const missed = watch.lines.slice(from);
  for (const { guest, watch: slow } of stalled.slice(0, 2)) {
    guest.ws.resume();
    await slow.until(() => slow.lines.at(-1)?.[0] === missed.at(-1)?.[0]);
    const end = slow.lines.slice(-missed.length);
    t.ok(JSON.stringify(end) === JSON.stringify(missed), 'then they get everything, in order');
  }
});

/** Says long things, a few at a time; the median ms from the answer to the observer's record. */
async function talk(ann: Person, watch: Watch, turns: number): Promise<number> {
  const text = 'x'.repeat(TURN_BYTES);
  const delays: number[] = [];
  for (let n = 0; n < turns; n += 8) {
    const answers = Array.from({ length: 8 }, () =>
      ann.guest.command('peer.turn', { state: 'working', text }),
    );
    const last = (await Promise.all(answers)).at(-1)!;
    const since = performance.now();
    await watch.until(() => (watch.lines.at(-1)?.[0] ?? 0) >= Number(last.position));
    delays.push(performance.now() - since);
  }
  return delays.sort((a, b) => a - b)[delays.length >> 1]!;
}
