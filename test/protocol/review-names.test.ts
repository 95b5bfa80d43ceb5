// Reviews whose repository is renamed, and those that are forgotten, from the wire and from GitHub.

import { readFileSync } from 'node:fs';
import { test } from 'tap';
import {
  type FakePull,
  fakeGitHub,
  NEXT_SHA,
  restPull,
  SHA,
  signedDelivery,
  TOKEN,
} from '../dsl/fake-github.js';
import { connect, type House, join, openBroker, type Person } from '../dsl/live-broker.js';
import { type Fields, refusalOf } from '../dsl/raw-client.js';

const page = (repo: string, n = 7) => `https://github.com/acme/${repo}/pull/${n}`;
const repository = (name: string, id = 1) => ({ id, name, html_url: page(name).slice(0, -7) });

async function queue(who: Pick<Person, 'guest'>): Promise<Fields[]> {
  return (await who.guest.call<{ rows: Fields[] }>('review.queue')).rows;
}

function deliver({ ready }: House, event: string, payload: object): Promise<Response> {
  const secret = readFileSync(ready.webhook_secret_file ?? '', 'utf8').trim();
  return fetch(`${ready.url}/webhooks/github`, signedDelivery({ secret, event, payload }));
}

function tells(house: House, action: string, repo: string, more: Partial<FakePull>, id = 1) {
  const pull_request = restPull({ repo: `acme/${repo}`, number: 7, ...more });
  return deliver(house, 'pull_request', { action, pull_request, repository: repository(repo, id) });
}

test('a review follows its repository, and its old address finds it', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const orch = await join(t, house, 'orch', { role: 'orchestrator' });
  await web.guest.command('review.touch', { pr_url: page('store'), head_sha: SHA });
  await orch.guest.command('review.mark', { pr_url: page('store') });
  const changes = { repository: { name: { from: 'store' } } };
  const renamed = { action: 'renamed', changes, repository: repository('shop') };
  const told = await deliver(house, 'repository', renamed);
  t.match([told.status, await told.json()], [202, { outcome: 'noted', to: /acme\/shop$/ }]);
  const merged = { state: 'closed', merged: true, sha: NEXT_SHA } as const;
  t.equal((await tells(house, 'closed', 'shop', merged)).status, 202);
  await web.guest.command('review.touch', { pr_url: page('store') });
  const shop = { pr_url: page('shop'), state: 'merged', my_action: 'merged-since-review' };
  const rows = await queue(orch);
  t.match(rows, [{ ...shop, last_reviewed_sha: SHA, touched_by: [web.peer] }]);
  t.equal(rows.length, 1);
  await orch.guest.command('review.mark', { pr_url: page('store'), sha: NEXT_SHA });
  t.match(await queue(orch), [{ pr_url: page('shop'), my_action: 'none-needed' }]);

  const updated_at = '2026-01-06T09:00:00Z';
  t.equal((await tells(house, 'opened', 'store', { updated_at }, 2)).status, 202, 'a new one');
  await web.guest.command('review.touch', { pr_url: page('store') });
  const fresh = { pr_url: page('store'), state: 'open', my_action: 'review-needed' };
  t.match(await queue(orch), [fresh, { ...shop, my_action: 'none-needed' }]);
});

test('GitHub asked by an old name says the new one', async t => {
  const github = await fakeGitHub(t);
  github.put({ repo: 'acme/store', number: 7 });
  const env = { GITHUB_API_URL: github.url, GH_TOKEN: TOKEN };
  const house = await openBroker(t, { env });
  const web = await join(t, house, 'web');
  const orch = await join(t, house, 'orch', { role: 'orchestrator' });
  await web.guest.command('review.touch', { pr_url: page('store') });
  const moved = JSON.stringify(restPull({ repo: 'acme/shop', number: 7 }));
  github.mood = { status: 200, body: moved };
  t.match(await queue(orch), [{ pr_url: page('shop'), state: 'open', touched_by: [web.peer] }]);
  await web.guest.command('review.touch', { pr_url: page('store'), head_sha: NEXT_SHA });
  t.match(await queue(orch), [{ pr_url: page('shop'), current_head_sha: NEXT_SHA }]);
});

test('who touched, who leads and the operator may forget a review', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const api = await join(t, house, 'api');
  const orch = await join(t, house, 'orch', { role: 'orchestrator' });
  const operator = await connect(t, house);
  await api.takeInbox();
  const pr_url = page('store');
  for (const { guest } of [web, orch, { guest: operator }]) {
    await web.guest.command('review.touch', { pr_url });
    await web.guest.command('review.request', { pr_url, of: 'api' });
    await orch.guest.command('review.mark', { pr_url });
    t.equal(await refusalOf(api.guest.command('review.forget', { pr_url })), 'not_yours');
    t.match(await guest.command('review.forget', { pr_url: `${pr_url}/files` }), {
      verdict: 'applied',
    });
    t.strictSame([...(await queue(orch)), ...(await queue(api))], [], 'it is in no queue');
    t.strictSame((await api.guest.call<{ items: Fields[] }>('inbox.read')).items, []);
  }
  t.equal(await refusalOf(operator.command('review.forget', { pr_url })), 'review_unknown');
  await web.guest.command('review.touch', { pr_url });
  t.match(await queue(orch), [{ my_action: 'review-needed' }], 'a later touch begins anew');
});
