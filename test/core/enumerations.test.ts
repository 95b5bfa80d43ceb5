// Enumerations in the log: a word that is none of its list, judged by the level of the log.
import t from 'tap';
import { LEVEL } from '../../broker/core/levels.js';
import { hasKnownWords, type SignalEvent } from '../../schemas/event.js';
import * as p from '../dsl/events.js';
import { anyWord, api, type Draft, web } from '../dsl/events.js';
import * as j from '../dsl/events-jobs.js';
import { observed } from '../dsl/events-reviews.js';
import { plans, skips } from '../dsl/events-schedules.js';
import { Mesh } from '../dsl/test-log.js';

const odd = anyWord('nonsense');

/** With a reason for void below level 3, or none where the word was let pass. */
const wrong: [Draft, string | undefined][] = [
  [p.closes(api, 1, 'nonsense'), 'malformed'],
  [p.turns(web, 'nonsense'), 'invalid'],
  [p.says(web, 'peer.turned', { state: 'idle', role: odd }), undefined],
  [p.joins(p.person('odd', { role: odd })), 'forbidden'],
  [p.makesToken(7, { roles: [odd] }), undefined],
  [p.makesToken(8, { verbs: [odd] }), undefined],
  [p.tells(2, web, api, 'hello', { backlog: odd }), undefined],
  [j.updates(api, 3, 1, { state: odd }), 'invalid'],
  [j.updates(api, 3, 1, { state: anyWord('claimed') }), 'invalid'],
  [j.finishes(api, 3, 1, { outcome: odd }), 'invalid'],
  [plans(6, web, api, { kind: odd }), 'malformed'],
  [plans(4, web, api, { catch_up: odd }), 'malformed'],
  [plans(5, web, api, { overlap: odd }), 'malformed'],
  [skips(9, 'nonsense'), 'stale'],
  [observed(1, 'unknown'), 'malformed'],
  [p.broker('job.due', { job: j.jobNo(3), due_at: p.T0, skipped: odd }), 'stale'],
];

function meshAt(level: number): Mesh {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level }), p.started(p.GATEWAY, p.BOOT), p.joins(web), p.joins(api));
  mesh.say(p.asks(1, web, api), j.makesJob(3, web), j.claims(api, 3));
  return mesh;
}

for (const [draft, reason] of wrong) {
  t.test(`${draft.type} with a word of no list is malformed from level 3 on`, async t => {
    for (const level of [3, LEVEL]) {
      const mesh = meshAt(level);
      t.equal(mesh.one(draft).void, 'malformed');
      t.equal(mesh.fold.malformed, 1, 'counted, and remembered by no id');
    }
  });

  t.test(`${draft.type} below level 3 is judged as it was then`, async t => {
    const mesh = meshAt(2);
    t.equal(mesh.one(draft).void, reason);
    t.equal(mesh.fold.malformed, 0);
  });
}

t.test('words are known one by one, in lists too, and may be absent', async t => {
  const fits = (type: string, data: object) => hasKnownWords({ type, ...data } as SignalEvent);
  t.ok(fits('token.created', { roles: [], verbs: ['speak', 'observe'] }));
  t.notOk(fits('token.created', { roles: ['agent', 'ghost'], verbs: [] }));
  t.ok(fits('job.updated', {}));
  t.notOk(fits('job.updated', { state: 'queued' }));
  t.ok(fits('peer.left', {}), 'an event without any');
});
