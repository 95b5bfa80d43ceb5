// Calls cut from a stencil must be the calls that packing each of them would have made.
import t from 'tap';
import { idMaker } from '../../bench/load/ids.js';
import { blank, numberedText, numberOf, Stencil } from '../../bench/load/stencil.js';
import { unpack } from '../../schemas/codec.js';
import { idTime, isCommandId } from '../../schemas/uuid.js';

const newId = idMaker();

t.test('a cut call differs from its stencil only in what was filled in', async t => {
  const text = numberedText(64);
  const params = { id: blank.id, ask: `ask_${blank.ask}`, outcome: 'replied', text };
  const stencil = new Stencil({ jsonrpc: '2.0', id: blank.call, method: 'ask.close', params });
  const [id, ask] = [newId(), newId()];
  t.same(unpack(stencil.cut({ call: 7, id, ask, number: 123 })), {
    jsonrpc: '2.0',
    id: 7,
    method: 'ask.close',
    params: { id, ask: `ask_${ask}`, outcome: 'replied', text: '#000000123'.padEnd(64, '.') },
  });
});

t.test('a position beyond 32 bits survives', async t => {
  const params = { id: blank.id, up_to: blank.position };
  const stencil = new Stencil({ jsonrpc: '2.0', id: blank.call, method: 'inbox.ack', params });
  const cut = unpack(stencil.cut({ call: 1, id: newId(), position: 2 ** 41 + 1 }));
  t.match(cut, { params: { up_to: 2 ** 41 + 1 } });
});

t.test('cutting one call leaves the next one as it was', async t => {
  const params = { id: blank.id, text: numberedText(20) };
  const stencil = new Stencil({ jsonrpc: '2.0', id: blank.call, method: 'ask.open', params });
  const first = stencil.cut({ call: 1, id: newId(), number: 1 });
  stencil.cut({ call: 2, id: newId(), number: 2 });
  t.match(unpack(first), { id: 1, params: { text: /^#000000001/ } });
  t.equal(first.length, stencil.size);
});

t.test('the number of a text is read back from it', async t => {
  t.equal(numberOf('#000000042......'), 42);
});

t.test('ids are command ids of now, and all different', async t => {
  const before = Date.now();
  const ids = Array.from({ length: 1_000 }, newId);
  t.ok(ids.every(isCommandId));
  t.equal(new Set(ids).size, ids.length);
  t.ok(ids.every(id => idTime(id) >= before && idTime(id) <= Date.now()));
});
