// Answers: from the verdict of the fold, and alike for every repeat of a command.
import t from 'tap';
import { answerTo } from '../../broker/core/answer.js';
import { OFFERED, type Receipt } from '../../broker/core/rows/receipt.js';
import type { AnsweredCommand } from '../../broker/core/shared/answers.js';
import { isProposing } from '../../schemas/event.js';
import { type MethodName, methods } from '../../schemas/method.js';
import * as p from '../dsl/events.js';
import { api, joins, joinsAway, opened, takes, uuid, web } from '../dsl/events.js';
import { given, secretFor } from '../dsl/given.js';
import { Mesh } from '../dsl/test-log.js';

const { mesh } = given(t, joins(web), joins(api), takes(api), takes(api));
const context = { table: mesh.table, cursor: () => 'a-cursor', now: () => p.T0 + 5, secretFor };
const tell = (asked: Omit<AnsweredCommand, 'id'>, receipt?: Receipt, reason?: string) =>
  answerTo(context, { id: uuid(1), ...asked }, { position: 4096, reason, receipt });

t.test('every command is answered with its position and verdict', async t => {
  const commands = (Object.keys(methods) as MethodName[]).filter(isProposing);
  t.ok(commands.length > 30);
  for (const method of commands) {
    t.match(tell({ method, params: {} }), { position: 4096, verdict: 'applied' }, method);
    const late = tell({ method, params: {} }, undefined, 'ask_closed');
    t.match(late, { position: 4096, verdict: 'void', reason: 'ask_closed' }, method);
  }
});

t.test('the id names what the command made', async t => {
  t.match(tell({ method: 'ask.open', params: {} }), { ask: p.askNo(1) });
  t.match(tell({ method: 'notify.send', params: {} }), { message: p.msgNo(1) });
  t.match(tell({ method: 'broadcast.send', params: {} }, { kind: 'count', n: 3 }), {
    message: p.msgNo(1),
    recipients: 3,
  });
  t.match(tell({ method: 'token.create', params: {} }), { token: p.tokenNo(1) });
  t.match(tell({ method: 'peer.join', params: {} }), { peer: `peer_${uuid(1)}` });
});

t.test('what the fold noted is told again: offered or queued, and the generation', async t => {
  t.equal(tell({ method: 'ask.open', params: {} }, OFFERED).delivery, 'offered');
  t.equal(tell({ method: 'notify.send', params: {} }).delivery, 'queued');
  const taken = { kind: 'generation', n: 7 } as const;
  t.equal(tell({ method: 'inbox.subscribe', params: {} }, taken).generation, 7);
});

t.test('a secret is told only to who did not choose it', async t => {
  const made = secretFor(uuid(1));
  t.equal(tell({ method: 'token.create', params: {} }).secret, made);
  t.notOk('secret' in tell({ method: 'token.create', params: { secret: 'mine' } }));
  t.equal(tell({ method: 'peer.join', params: { name: 'x' } }).secret, made);
  t.notOk('secret' in tell({ method: 'peer.join', params: { name: 'x', secret: 'mine' } }));
});

t.test('a joined peer is told where it stands', async t => {
  const params = { peer: api.peer, secret: api.secret, name: 'api' };
  t.same(tell({ method: 'peer.join', params }), {
    position: 4096,
    verdict: 'applied',
    peer: api.peer,
    name: 'api',
    generation: 2,
    cursor: 'a-cursor',
    time: p.T0 + 5,
  });
});

t.test(
  'a name that was taken is said to be another, with a warning when its holder is away',
  async t => {
    const asked = {
      method: 'peer.join',
      params: { peer: api.peer, secret: 's', name: 'web' },
    } as const;
    t.match(tell(asked), { name: 'api', renamed: true });
    t.notOk('warning' in tell(asked));
    const away = given(t, joinsAway(web), joins(api)).mesh.table;
    const outcome = { position: 0 };
    const told = answerTo({ ...context, table: away }, { id: uuid(1), ...asked }, outcome);
    t.match(told.warning, /"web" is held by a peer that is offline/);
  },
);

t.test('a rename tells the name it took, also when it is repeated after another one', async t => {
  const asked = { method: 'peer.rename', peer: api.peer } as const;
  for (const name of ['api', 'an-earlier-one']) {
    const told = tell({ ...asked, params: { name }, isRepeat: true });
    t.same(told, { position: 4096, verdict: 'applied', name });
  }
  const taken = tell({ ...asked, params: { name: 'web' } }, undefined, 'not_yours');
  t.match(taken, { verdict: 'void', name: 'api', renamed: true }, 'it kept its own');
});

t.test('a rename below level 3 may have taken the next free name', async t => {
  const old = new Mesh();
  old.say(opened('log_2', { level: 2 }), joins(web), joins(api));
  const asked = { method: 'peer.rename', peer: api.peer, params: { name: 'web' } } as const;
  const told = answerTo(
    { ...context, table: old.table },
    { id: uuid(1), ...asked },
    { position: 0 },
  );
  t.match(told, { name: 'api', renamed: true });
});
