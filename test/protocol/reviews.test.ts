// Reviews from PROTOCOL.md alone: touched, requested, marked; GitHub's webhook, and asking it.
import { readFileSync } from 'node:fs';
import { type Test, test } from 'tap';
import { fakeGitHub, NEXT_SHA, restPull, SHA, signedDelivery, TOKEN } from '../dsl/fake-github.js';
import {
  connect,
  type House,
  join,
  openBroker,
  openBrokers,
  type Person,
} from '../dsl/live-broker.js';
import { type Fields, refusedBy, uuid } from '../dsl/raw-client.js';

const PULL = 'https://github.com/acme/app/pull/7';
const pulls = { repo: 'acme/app', number: 7 };

async function queue(who: Pick<Person, 'guest'>, params: Fields = {}): Promise<Fields[]> {
  return (await who.guest.call<{ rows: Fields[] }>('review.queue', params)).rows;
}

async function refused(t: Test, answer: Promise<unknown>, name: string, code: number) {
  const { code: number, data, message } = await refusedBy(answer);
  t.match([data.refusal, number, data.retry], [name, code, false], message);
  t.match(message, /^\S.{15,}[.…]$/s, 'a sentence');
}

test('a review is requested, given, and wanted again after a push', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  const orch = await join(t, house, 'orch', { role: 'orchestrator' });
  await api.takeInbox();
  const touched = { pr_url: `${PULL}/files`, head_sha: SHA, title: 'Faster' };
  t.match(await web.guest.command('review.touch', touched), { verdict: 'applied' });
  await web.guest.command('review.request', { pr_url: PULL, of: 'api' });
  t.match(await api.item(PULL), {
    kind: 'system',
    from: web.peer,
    text: `Please review Faster: ${PULL}`,
  });
  const row = {
    pr_url: PULL,
    title: 'Faster',
    current_head_sha: SHA,
    state: 'unknown',
    my_action: 'review-needed',
    touched_by: [web.peer],
  };
  t.match(await queue(api), [row]);
  t.match(await queue(orch), [row], 'an orchestrator sees what others touched');
  t.strictSame(await queue(web), [], 'who touched it need not review it');
  t.match(await queue(web, { peer: 'api' }), [row]);

  const id = uuid();
  const marked = await api.guest.call('review.mark', { id, pr_url: PULL });
  t.strictSame(await api.guest.call('review.mark', { id, pr_url: PULL }), marked, 'a repeat');
  t.match(await queue(api), [{ my_action: 'none-needed', last_reviewed_sha: SHA }]);
  const { items } = await api.guest.call<{ items: Fields[] }>('inbox.read');
  t.strictSame(items, [], 'its item is gone');
  await web.guest.command('review.touch', { pr_url: PULL, head_sha: NEXT_SHA });
  t.match(await queue(api), [
    { my_action: 're-review-suggested', last_reviewed_sha: SHA, current_head_sha: NEXT_SHA },
  ]);
  await web.guest.command('review.request', { pr_url: PULL, of: api.peer });
  await api.guest.command('inbox.ack', { refs: [PULL] });
  await api.guest.command('review.mark', { pr_url: PULL, sha: NEXT_SHA.slice(0, 7) });
  t.match(await queue(api), [{ my_action: 'none-needed' }]);
});

test('reviews are refused in the words of the protocol', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const gone = await join(t, house, 'gone');
  await gone.guest.command('peer.leave');
  const { guest } = web;
  const unknown = guest.command('review.mark', { pr_url: PULL });
  await refused(t, unknown, 'review_unknown', -32003);
  const invalid = [
    guest.command('review.touch', { pr_url: 'acme/app#7' }),
    guest.command('review.touch', { pr_url: PULL, head_sha: 'not hex' }),
    guest.command('review.touch', { pr_url: PULL, by: gone.peer }),
    guest.command('review.touch', { pr_url: `${PULL}?${'x'.repeat(300)}` }),
    guest.call('review.queue', { after: 'nonsense' }),
  ];
  for (const answer of invalid) await refused(t, answer, 'invalid', -32602);
  const nobody = guest.command('review.request', { pr_url: PULL, of: 'nobody' });
  await refused(t, nobody, 'peer_unknown', -32003);
  await refused(t, guest.call('review.queue', { peer: 'nobody' }), 'peer_unknown', -32003);
  const retired = guest.command('review.request', { pr_url: PULL, of: gone.peer });
  await refused(t, retired, 'peer_retired', -32004);
  const stray = await connect(t, house);
  await refused(t, stray.command('review.touch', { pr_url: PULL }), 'forbidden', -32002);
});

test('a token bound to circles learns of no review outside them', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const { secret } = await operator.command('token.create', {
    name: 'red-only',
    circles: ['red'],
    roles: ['agent', 'orchestrator'],
    verbs: ['observe', 'speak'],
  });
  const credential = String(secret);
  const blue = await join(t, house, 'blue', { circle: 'blue' });
  await blue.guest.command('review.touch', { pr_url: PULL, head_sha: SHA });
  const red = { circle: 'red', role: 'orchestrator', credential };
  const boss = await join(t, house, 'boss', red);
  t.strictSame(await queue(boss), []);
  t.strictSame(await queue({ guest: await connect(t, house, { credential }) }), []);
  const mark = boss.guest.command('review.mark', { pr_url: PULL });
  await refused(t, mark, 'review_unknown', -32003);
  const asked = boss.guest.command('review.request', { pr_url: PULL, of: blue.peer });
  await refused(t, asked, 'peer_unknown', -32003);
  const there = { pr_url: PULL, of: 'blue', circle: 'blue' };
  const elsewhere = boss.guest.command('review.request', there);
  await refused(t, elsewhere, 'circle_forbidden', -32002);
  await refused(t, boss.guest.call('review.queue', { peer: blue.peer }), 'peer_unknown', -32003);
  t.match(await queue({ guest: operator }), [{ circle: 'blue', my_action: 'review-needed' }]);
});

function deliver({ ready }: House, signed: ReturnType<typeof signedDelivery>) {
  return fetch(`${ready.url}/webhooks/github`, signed);
}

function secretOf({ ready }: House): string {
  return readFileSync(ready.webhook_secret_file ?? '', 'utf8').trim();
}

test('a signed delivery of GitHub changes the queue, once', async t => {
  const { brokers } = await openBrokers(t, 2);
  const [one, two] = [brokers[0]!, brokers[1]!];
  const web = await join(t, one, 'web');
  const ann = await join(t, one, 'ann', { role: 'human' });
  await web.guest.command('review.touch', { pr_url: PULL });
  await ann.guest.command('review.mark', { pr_url: PULL });
  const said = (pull: object) => ({ action: 'any', pull_request: restPull({ ...pulls, ...pull }) });
  const opened = { secret: secretOf(one), delivery: 'd-1', payload: said({ title: 'Faster' }) };
  const first = await deliver(one, signedDelivery(opened));
  t.equal(first.status, 202);
  t.match(await first.json(), { outcome: 'noted', pr_url: PULL });
  const known = { title: 'Faster', current_head_sha: SHA, state: 'open', my_action: 'unknown' };
  t.match(await queue(ann), [known], 'whether its head is what was reviewed nobody can say');

  const merged = said({ state: 'closed', merged: true, updated_at: '2026-01-05T09:01:00Z' });
  const forged = signedDelivery({ ...opened, delivery: 'd-2', secret: 'a guess', payload: merged });
  t.equal((await deliver(one, forged)).status, 401);
  t.match(await queue(ann), [known], 'and nothing has changed');

  const again = await deliver(one, signedDelivery({ ...opened, payload: merged }));
  t.equal(again.status, 200, 'the delivery was noted before');
  t.match(await again.json(), { outcome: 'repeated' });
  const there = { ...opened, secret: secretOf(two), payload: merged };
  t.equal((await deliver(two, signedDelivery(there))).status, 200, 'on another broker too');
  t.match(await queue(ann), [known]);

  t.equal((await deliver(two, signedDelivery({ ...there, delivery: 'd-3' }))).status, 202);
  await ann.guest.command('peer.describe', { text: 'what came before this is folded here' });
  t.match(await queue(ann), [{ state: 'merged', my_action: 'merged-since-review' }]);
  t.match(await queue(ann, { peer: web.peer }), [], 'nor does it become anybody’s of itself');
});

test('the secret of the webhook may come from the environment', async t => {
  const env = { SIGNALBOX_GITHUB_WEBHOOK_SECRET: 'chosen', GITHUB_TOKEN: TOKEN };
  const { url: GITHUB_API_URL } = await fakeGitHub(t);
  const house = await openBroker(t, { env: { ...env, GITHUB_API_URL } });
  t.equal(house.ready.webhook_secret_file, undefined);
  const payload = { pull_request: restPull(pulls) };
  t.equal((await deliver(house, signedDelivery({ secret: 'chosen', payload }))).status, 202);
});

test('GitHub is asked when somebody looks, and seldom', async t => {
  const github = await fakeGitHub(t);
  github.put({ ...pulls, title: 'From GitHub' });
  const env = { GITHUB_API_URL: github.url, GH_TOKEN: TOKEN };
  const house = await openBroker(t, { env });
  const web = await join(t, house, 'web');
  const orch = await join(t, house, 'orch', { role: 'orchestrator' });
  await web.guest.command('review.touch', { pr_url: PULL, head_sha: NEXT_SHA });
  const row = { title: 'From GitHub', state: 'open', current_head_sha: SHA };
  const { rows } = await orch.guest.call('view.watch', { view: 'reviews' });
  t.match(rows, [[String, { state: 'unknown' }]], 'who watches is not kept waiting');
  const { changes } = await orch.guest.hear('view.changes', ({ changes }) => `${changes}` !== '');
  t.match(changes, [[String, row]], 'but told what GitHub said');
  t.match(await queue(orch), [row]);
  t.match(await queue(orch), [row]);
  t.equal(github.seen.length, 1, 'once a minute is enough');
  const operator = await connect(t, house);
  await operator.call('log.observe', { from: 'start', filter: { types: ['review.observed'] } });
  const { records } = await operator.hear('log.records', ({ live }) => live === true);
  const all = operator.heard.flatMap(({ params }) => (params.records ?? []) as unknown[]);
  t.ok(records);
  t.match(all, [[Number, Number, { by: /^boot_/, circle: '*', pr_url: PULL, state: 'open' }]]);
});

test('GitHub that is slow, broken or unreachable leaves it unknown', async t => {
  const github = await fakeGitHub(t);
  github.put(pulls);
  const env = { GITHUB_TOKEN: TOKEN };
  const unknown = [{ pr_url: PULL, state: 'unknown', my_action: 'review-needed' }];
  const look = async (more: Fields) => {
    const house = await openBroker(t, { env: { ...env, ...more } });
    const web = await join(t, house, 'web');
    await web.guest.command('review.touch', { pr_url: PULL });
    return queue(await join(t, house, 'orch', { role: 'orchestrator' }));
  };
  const release = github.hold();
  t.match(await look({ GITHUB_API_URL: github.url }), unknown, 'slow');
  release();
  github.mood = { status: 502 };
  t.match(await look({ GITHUB_API_URL: github.url }), unknown, 'broken');
  t.match(await look({ GITHUB_API_URL: 'http://127.0.0.1:1' }), unknown, 'unreachable');
});
