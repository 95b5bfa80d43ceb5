// Schedules over the wire, by a client that knows the protocol only.
import { type Test, test } from 'tap';
import { connect, join, openBroker } from '../dsl/live-broker.js';
import { type Fields, refusedBy, uuid } from '../dsl/raw-client.js';

const MINUTE = 60_000;

async function people(t: Test) {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  return { house, web, api };
}

async function refused(t: Test, answer: Promise<unknown>, name: string, code: number) {
  const { code: number, data, message } = await refusedBy(answer);
  t.match([data.refusal, number], [name, code], message);
  t.match(message, /^\S.{15,}[.…]$/s, 'a sentence');
  return data;
}

test('a notify is said when its time has come, never before', async t => {
  const { web, api } = await people(t);
  await api.takeInbox();
  const plan = { id: uuid(), to: 'api', text: 'stand up', fire_at: 'in 1s' };
  const made = await web.guest.call('schedule.create', plan);
  t.match(made, { verdict: 'applied', schedule: `sched_${plan.id}`, next_at: Number });
  const fire_at = Number(made.next_at);
  const item = await api.guest.hear('inbox.item');
  t.match(item, {
    kind: 'notify',
    text: 'stand up',
    from: web.peer,
    from_name: 'web',
    schedule: made.schedule,
    nominal_at: fire_at,
    ref: /^msg_/,
  });
  t.ok(Number(item.time) >= fire_at, `${Number(item.time) - fire_at} ms after`);
  t.strictSame(await web.guest.call('schedule.create', plan), made, 'a repeat is told the same');
  const got = await web.guest.call('schedule.get', { schedule: made.schedule });
  t.match(got, {
    state: 'done',
    upcoming: [],
    fired: 1,
    history: [{ nominal_at: fire_at, outcome: 'fired', ref: item.ref }],
  });
  const { stages } = await web.guest.call('message.trace', { ref: item.ref });
  t.match(stages, [{ stage: 'accepted', by: web.peer }, { stage: 'offered' }]);
  const taken = await web.guest.command('message.retract', { message: item.ref });
  t.equal(taken.verdict, 'applied');
  await api.guest.hear('inbox.gone', ({ position }) => position === item.position);
});

test('an ask opens a thread that is answered', async t => {
  const { web, api } = await people(t);
  await api.takeInbox();
  await web.takeInbox();
  const params = { to: 'api', text: 'how far?', kind: 'ask', fire_at: 'in 1s' };
  const { schedule } = await web.guest.command('schedule.create', params);
  const item = await api.guest.hear('inbox.item');
  t.match(item, { kind: 'ask', from: web.peer, schedule, ref: /^ask_/ });
  const ask = String(item.ref);
  t.match(await web.guest.call('ask.get', { ask }), { state: 'open', from: web.peer, schedule });
  await api.reply(ask, 'half way');
  t.match(await web.item(ask), { kind: 'reply', text: 'half way' });
  t.match(await web.wait(ask), { outcome: 'replied', reply: { text: 'half way' } });
});

test('a rule is listed, held, resumed and called off', async t => {
  const { web, api } = await people(t);
  const { guest } = web;
  const rule = { cron: '0 9 * * mon-fri', zone: 'Europe/Berlin' };
  const made = await guest.command('schedule.cron', { to: 'api', text: 'news?', ...rule });
  const { schedule } = made;
  const one = await guest.command('schedule.self', { text: 'me', fire_at: 'in 2h' });
  const next = Number(made.next_at);
  t.equal(next % MINUTE, 0);
  const got = await guest.call('schedule.get', { schedule });
  t.match(got, { ...rule, state: 'active', next_at: next, by: web.peer, to: api.peer });
  t.match(got, { kind: 'notify', catch_up: 'last', overlap: 'skip', fired: 0, skipped: 0 });
  t.equal((got.upcoming as number[]).length, 5);
  t.equal((got.upcoming as number[])[0], next);

  const listed = async (who: typeof web, params: Fields = {}) => {
    const { rows } = await who.guest.call('schedule.list', params);
    return (rows as Fields[]).map(row => row.schedule);
  };
  t.same(await listed(web), [one.schedule, schedule], 'newest first');
  t.same(await listed(api), [schedule], 'what is for me');
  t.same(await listed(api, { mine: false }), [one.schedule, schedule]);
  t.equal((await guest.command('schedule.pause', { schedule })).verdict, 'applied');
  t.same(await listed(web, { state: 'paused' }), [schedule]);
  const resumed = await guest.command('schedule.resume', { schedule });
  t.match(resumed, { verdict: 'applied', schedule, next_at: next });
  t.equal((await guest.command('schedule.cancel', { schedule })).verdict, 'applied');
  t.same(await listed(web, { state: 'cancelled' }), [schedule]);
});

test('what cannot be planned is refused with what to do next', async t => {
  const { web, house } = await people(t);
  const { guest } = web;
  const create = (more: Fields) =>
    guest.command('schedule.create', { to: 'api', text: 'x', fire_at: '1h', ...more });
  const rule = (more: Fields) =>
    guest.command('schedule.cron', { to: 'api', text: 'x', cron: '@daily', ...more });
  const self = (more: Fields) => guest.command('schedule.self', { text: 'x', ...more });
  const never = (answer: Promise<unknown>) => refused(t, answer, 'schedule_never_fires', -32004);
  const invalid = (answer: Promise<unknown>) => refused(t, answer, 'invalid', -32602);
  await never(create({ fire_at: Date.now() - MINUTE }));
  await never(rule({ cron: '0 0 30 2 *' }));
  await never(rule({ until: Date.now() - MINUTE }));
  await never(self({ fire_at: 1 }));
  await invalid(create({ fire_at: 'tomorrow' }));
  await invalid(create({ kind: 'shout' }));
  await invalid(create({ to: 'web', kind: 'ask' }));
  await invalid(create({ by: 'peer_somebody' }));
  await invalid(rule({ cron: 'every day' }));
  await invalid(rule({ cron: '99 * * * *' }));
  await invalid(rule({ zone: 'Mars/Olympus' }));
  await invalid(rule({ until: 'whenever' }));
  await invalid(self({}));
  await invalid(self({ fire_at: '1h', cron: '@daily' }));
  await invalid(self({ fire_at: '1h', until: '2h' }));
  await refused(t, create({ to: 'nobody' }), 'peer_unknown', -32003);
  await refused(t, create({ text: 'x'.repeat(196_609) }), 'too_large', -32005);
  const gone = await join(t, house, 'gone');
  await gone.guest.command('peer.leave');
  await refused(t, create({ to: gone.peer }), 'peer_retired', -32004);
  const stray = await connect(t, house);
  const bare = stray.command('schedule.create', { to: 'api', text: 'x', fire_at: '1h' });
  await refused(t, bare, 'forbidden', -32002);
});

test('a schedule is changed by who made it, and only while it lasts', async t => {
  const { web, api, house } = await people(t);
  const params = { to: 'api', text: 'x', cron: '@hourly' };
  const { schedule } = await web.guest.command('schedule.cron', params);
  const act = (who: typeof web, verb: string, it: unknown = schedule) =>
    who.guest.command(`schedule.${verb}`, { schedule: it });
  for (const verb of ['pause', 'resume', 'cancel']) {
    await refused(t, act(api, verb), 'not_yours', -32002);
    await refused(t, act(web, verb, `sched_${uuid()}`), 'schedule_unknown', -32003);
    await refused(t, act(web, verb, 'sched_x'), 'invalid', -32602);
  }
  await refused(t, act(web, 'resume'), 'invalid', -32602);
  await act(web, 'pause');
  await refused(t, act(web, 'pause'), 'invalid', -32602);
  const boss = await join(t, house, 'boss', { role: 'orchestrator' });
  await act(boss, 'resume');
  await act(boss, 'cancel');
  await refused(t, act(web, 'cancel'), 'schedule_unknown', -32003);
});

test('what a token may not see is unknown by every path', async t => {
  const { web, house } = await people(t);
  const params = { to: 'api', text: 'x', cron: '@hourly' };
  const { schedule } = await web.guest.command('schedule.cron', params);
  const operator = await connect(t, house);
  const { secret } = await operator.command('token.create', {
    name: 'bound',
    circles: ['elsewhere'],
    roles: ['human'],
    verbs: ['observe', 'speak', 'operate'],
  });
  const credential = String(secret);
  const far = await join(t, house, 'far', {
    credential,
    circle: 'elsewhere',
    role: 'human',
  });
  for (const it of [schedule, `sched_${uuid()}`]) {
    const get = far.guest.call('schedule.get', { schedule: it });
    await refused(t, get, 'schedule_unknown', -32003);
    for (const verb of ['pause', 'resume', 'cancel']) {
      const answer = far.guest.command(`schedule.${verb}`, { schedule: it });
      await refused(t, answer, 'schedule_unknown', -32003);
    }
  }
  t.same((await far.guest.call('schedule.list', { mine: false })).rows, []);
});

test('a paused one-shot whose time has passed is done, and says why it never fired', async t => {
  const { web, api } = await people(t);
  await api.takeInbox();
  const to = { to: 'api', text: 'held', fire_at: 'in 3s' };
  const made = await web.guest.command('schedule.create', to);
  const { schedule, next_at: fire_at } = made;
  await web.guest.command('schedule.pause', { schedule });
  // Another one, due later, tells that the time has passed.
  await web.guest.command('schedule.create', { ...to, text: 'free' });
  t.match(await api.guest.hear('inbox.item'), { text: 'free' });
  const resumed = await web.guest.command('schedule.resume', { schedule });
  t.match(resumed, { verdict: 'applied', next_at: undefined });
  const got = await web.guest.call('schedule.get', { schedule });
  const history = [{ nominal_at: fire_at, outcome: 'skipped', reason: 'paused' }];
  t.match(got, { state: 'done', history });
});
