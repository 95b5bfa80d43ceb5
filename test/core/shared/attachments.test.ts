// The rules of attachments: they go where their text goes, and take their room there.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { api, asks, joins, joinsAway, tells, web } from '../../dsl/events.js';
import { given } from '../../dsl/given.js';

const two = [joins(web), joins(api)];
const diff = { name: 'a.diff', size: 12, type: 'text/x-diff', path: '/tmp/a.diff' };
const log = { name: 'log', text: 'it broke' };

t.test('attachments stand in the thread and in the inbox, after its close too', async t => {
  const attachments = [diff, log];
  given(t, ...two)
    .when(web, 'ask.open', { id: p.uuid(1), to: 'api', text: 'see?', attachments })
    .thenEvent({ attachments })
    .thenAsk(1, { attachments })
    .thenInbox(api, { kind: 'ask', attachments })
    .and(p.closes(api, 1, 'acknowledged'))
    .thenAsk(1, { state: 'closed', attachments })
    .when(web, 'notify.send', { to: 'api', text: 'and this', attachments })
    .thenEvent({ attachments })
    .thenInbox(api, { kind: 'notify', attachments });
});

t.test('a message with attachments is not squeezed into a digest', async t => {
  given(t, joins(web), joinsAway(api), p.digests(1, web, api, 'one'))
    .and(tells(2, web, api, 'two', { backlog: 'digest', attachments: [diff] }))
    .and(p.digests(3, web, api, 'three'))
    .thenInbox(
      api,
      { kind: 'notify', text: 'two', attachments: [diff] },
      { kind: 'system', text: /^2 messages/, attachments: undefined },
    );
});

t.test('what comes beside the text fills an inbox too, and leaves it with the item', async t => {
  const text = 'x'.repeat(limits.attachment_text_bytes);
  const attachments = Array.from({ length: 8 }, () => ({ name: 'a', text }));
  const weight = 8 * (text.length + 1);
  const fit = Math.floor(limits.inbox_chars / (weight + 1));
  const world = given(t, ...two);
  for (let n = 0; n < fit; n++) world.and(tells(n, web, api, 'x', { attachments }));
  world
    .thenApplied()
    .and(tells(8_000, web, api, 'x', { attachments }))
    .thenVoid('inbox_full')
    .and(asks(8_001, web, api, 'x', { attachments }))
    .thenVoid('inbox_full')
    .when(web, 'notify.send', { to: 'api', text: 'x', attachments })
    .thenRefused('inbox_full')
    .and(tells(8_002, web, api, 'short'))
    .thenApplied()
    .and(p.acks(api, { up_to: Number.MAX_SAFE_INTEGER }))
    .thenRow(table => table.inbox.boxes.get(api.peer)?.chars, 0);
});

t.test('the tail of closed asks is bounded by what they carry too', async t => {
  const attachments = [{ name: 'a', text: 'x'.repeat(200_000) }];
  const world = given(t, ...two);
  const count = Math.ceil(limits.asks_closed_chars / 200_000) + 1;
  for (let n = 0; n < count; n++) {
    world.and(asks(n, web, api, 'x', { attachments }), p.closes(api, n, 'acknowledged'));
  }
  t.ok(world.mesh.table.asks.dropped > 0);
});

t.test('attachments as no broker writes them make the event void', async t => {
  const wrong = [
    [],
    [{}],
    [{ name: 'a' }],
    [{ name: 7, path: 'p' }],
    [{ name: 'a', path: 'p', url: 'https://u.example' }],
    [{ name: 'a', path: 'p', size: -1 }],
    [{ name: 'a', path: 'p', type: [] }],
    Array.from({ length: limits.attachments_items + 1 }, () => diff),
  ];
  for (const attachments of wrong) {
    given(t, ...two, asks(1, web, api, '?', { attachments })).thenVoid('malformed');
    given(t, ...two, tells(1, web, api, '?', { attachments })).thenVoid('malformed');
  }
  const more = [{ ...diff, secret: { deep: [] } }];
  given(t, ...two, asks(1, web, api, '?', { attachments: more }))
    .thenApplied()
    .thenAsk(1, { attachments: [diff] });
});
