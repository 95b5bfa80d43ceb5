// Tries schedules and reviews through the SDK against a real broker.
import t from 'tap';
import { refused } from '../dsl/refused.js';
import { town } from './people.js';

t.test('a word said later comes at its time, and a rule knows its next', async t => {
  const { peer } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  const once = await web!.schedule('api', 'are you there?', { fire_at: '1s', kind: 'ask' });
  const { value } = await api!.inbox().next();
  t.match(value, { kind: 'ask', text: 'are you there?', schedule: once.schedule });
  const rule = { cron: '0 9 * * 1-5', zone: 'Europe/Berlin' };
  const { next_at = 0 } = await web!.schedule('api', 'good morning', rule);
  t.ok(next_at > Date.now());
  await t.rejects(
    web!.schedule('api', 'never', { cron: '0 0 30 2 *' }),
    refused('schedule_never_fires'),
  );
});

t.test('a review that was asked for is owed until it is marked', async t => {
  const { peer } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  const url = 'https://github.com/acme/web/pull/7';
  await web!.touch(url, { head_sha: '0123456789abcdef', title: 'A new door' });
  await web!.requestReview(url, 'api');
  const queue = async () => (await api!.client.call('review.queue')).rows;
  t.match(await queue(), [{ pr_url: url, my_action: 'review-needed', title: 'A new door' }]);
  await api!.markReview(url);
  t.match(await queue(), [{ my_action: 'none-needed', last_reviewed_sha: '0123456789abcdef' }]);
});
