// Tries the fast check of an event's fields, and the check of whole events made from it.
import t from 'tap';
import { eventTypes, isEvent, peersOf, refsOf, type SignalEvent } from '../../schemas/event.js';
import { checker } from '../../schemas/shape.js';

const check = checker({
  word: 'string',
  count: 'number',
  sure: 'boolean?',
  refs: 'strings?',
  usage: 'object?',
});
const good = { word: 'w', count: 1 };

t.test(
  'needed fields must be there, others may be absent, unknown ones are let through',
  async t => {
    t.ok(check(good));
    t.ok(check({ ...good, sure: false, refs: ['a'], usage: {}, later: 'addition' }));
    t.notOk(check({ word: 'w' }));
    t.notOk(check({ count: 1 }));
  },
);

t.test('a field of another kind is refused, needed or not', async t => {
  const wrong = [
    { word: 1 },
    { word: null },
    { count: '1' },
    { count: Number.NaN },
    { count: Number.POSITIVE_INFINITY },
    { sure: 'yes' },
    { sure: null },
    { refs: 'a' },
    { refs: ['a', 1] },
    { usage: [] },
    { usage: null },
  ];
  for (const field of wrong) t.notOk(check({ ...good, ...field }), JSON.stringify(field));
});

const asked = {
  v: 1,
  id: '0190163d-8694-7c9d-8a1a-0123456789ab',
  type: 'ask.opened',
  by: 'peer_web',
  circle: 'default',
  ask: 'ask_2',
  to: 'peer_api',
  text: 'may I merge?',
  reply_to: 'ask_1',
} as const;

t.test('a whole event is one; anything less folds to nothing', async t => {
  t.ok(isEvent(asked));
  t.ok(isEvent({ ...asked, token: 'token_1' }));
  t.notOk(isEvent({ ...asked, type: 'ask.eaten' }), 'an unknown kind');
  t.notOk(isEvent({ ...asked, type: 'constructor' }), 'a word of the language');
  t.notOk(isEvent({ ...asked, v: 2 }), 'another version');
  t.notOk(isEvent({ ...asked, by: undefined }), 'no author');
  t.notOk(isEvent({ ...asked, token: 7 }), 'a token that is no text');
  t.notOk(isEvent({ ...asked, to: undefined }), 'a field of its kind missing');
  for (const value of [null, undefined, 'ask.opened', 1, [], [asked]]) t.notOk(isEvent(value));
});

t.test('an event tells what it is about and whom it concerns', async t => {
  t.ok(isEvent(asked));
  t.same(refsOf(asked as SignalEvent), ['ask_2', 'ask_1']);
  t.same(peersOf(asked as SignalEvent), ['peer_web', 'peer_api']);
});

t.test('every kind of event is a noun and a past verb', async t => {
  for (const type of eventTypes)
    t.match(type, /^[a-z]+\.[a-z]*(ed|t|en|made)(_out|_over)?$|\.(broadcast|due)$/);
});
