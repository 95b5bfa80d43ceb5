// Readers that stop reading or answering: they cost no memory, and only the dead are ended.
import { once } from 'node:events';
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { bearer, house, visit } from '../dsl/gateway-house.js';

const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'mesh.info' });

t.test('calls of a reader that does not read are not carried out until it does', async t => {
  const visited = await house(t);
  const { door } = visited;
  const text = 'x'.repeat(65_536);
  door.onRead = () => ({ result: { text } });
  const guest = await visit(t, visited);
  guest.ws.pause();
  const total = 2_000;
  for (let id = 0; id < total; id++) guest.send(call(id));
  const other = await visit(t, visited);
  let seen = -1;
  // Until nothing more of the stalled one's calls is carried out between two answers to the other.
  while (door.reads.length - 1 !== seen) {
    seen = door.reads.length;
    await other.call(1, 'mesh.info');
  }
  t.ok(seen < total / 2, `${seen} of ${total} were carried out, what the kernel buffers hold`);
  guest.ws.resume();
  while (guest.frames.flat().length < total) await once(guest.ws, 'message');
  const ids = guest.frames.flat().map(frame => (frame as { id: number }).id);
  t.same(
    ids,
    Array.from({ length: total }, (_, id) => id),
    'then all are answered, in order',
  );
});

t.test('commands in flight are bounded: reading stops, nothing is lost', async t => {
  const visited = await house(t);
  const { door } = visited;
  door.addPeer('peer_01', 'peer-secret-0123456789', 'operator');
  door.onCommand = ({ decided }) => decided();
  const guest = await visit(t, visited, bearer('peer_01.peer-secret-0123456789'));
  const more = 100;
  const id = '01890000-0000-7000-8000-000000000001';
  for (let n = 0; n < limits.waiting_frames + more; n++) {
    guest.send({ ...call(n), method: 'peer.describe', params: { id, text: 'x' } });
  }
  const other = await visit(t, visited);
  while (door.asked.length < limits.waiting_frames) await other.call(1, 'mesh.info');
  await other.call(2, 'mesh.info');
  t.equal(door.asked.length, limits.waiting_frames);
  door.onCommand = ({ decided, done }) => {
    decided();
    done({ result: {} });
  };
  for (const { done } of [...door.asked]) done({ result: {} });
  const total = limits.waiting_frames + more;
  while (guest.frames.flat().length < total) await once(guest.ws, 'message');
  t.equal(door.asked.length, total);
});

t.test('a socket that misses two pings is ended, one that answers stays', async t => {
  const visited = await house(t, { deadlines: { ping_every_ms: 400 } });
  const { door } = visited;
  door.addPeer('peer_01', 'peer-secret-0123456789', 'operator');
  const credential = bearer('peer_01.peer-secret-0123456789');
  const alive = await visit(t, visited);
  const dead = await visit(t, visited, credential, [], { autoPong: false });
  let pings = 0;
  dead.ws.on('ping', () => pings++);
  t.equal((await dead.closed).code, 1006);
  t.equal(pings, 2);
  t.match(await alive.call(1, 'mesh.info'), { result: {} });
  t.same(door.detached, ['peer_01'], 'its peer is here no longer');
});
