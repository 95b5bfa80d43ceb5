// Tries a call by POST until it is settled: what is repeated, under which id, and what a void is.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { call } from '../../client/sdk/post.js';
import { refused } from '../dsl/refused.js';
import { postDesk } from './post-desk.js';

const said = { to: 'api', text: 'hi' };
const done = { result: { message: 'msg_1', verdict: 'applied' } };
const later = (retry_after_s = 0) => ({
  error: { message: 'later', data: { refusal: 'unavailable', retry: true, retry_after_s } },
});

t.test('what may succeed later is repeated as the same command', async t => {
  const { options, heard } = await postDesk(t, n => (n < 3 ? later() : done));
  t.match(await call(options, 'notify.send', said), { message: 'msg_1' });
  t.equal(heard.length, 3);
  t.equal(new Set(heard.map(({ params }) => params.id)).size, 1, 'it takes effect once');
});

t.test('a broker that is away for a moment is tried again under the same id', async t => {
  const { options, heard } = await postDesk(t, n => (n < 2 ? 'hang up' : done));
  await call(options, 'notify.send', said);
  const [first, second] = heard;
  t.equal(first?.params.id, second?.params.id);
});

t.test('it gives up after a few times, with what it was told last', async t => {
  const { options, heard } = await postDesk(t, () => later());
  await t.rejects(call(options, 'notify.send', said), refused('unavailable'));
  t.ok(heard.length > 1);
});

t.test('a rest beyond the time that is given is not rested', async t => {
  const { options, heard } = await postDesk(t, () => later(60));
  await t.rejects(call(options, 'notify.send', said), refused('unavailable'));
  t.equal(heard.length, 1);
});

t.test('a refusal that no retry will cure is not repeated', async t => {
  const data = { refusal: 'peer_unknown', retry: false };
  const { options, heard } = await postDesk(t, () => ({ error: { message: 'who?', data } }));
  await t.rejects(call(options, 'notify.send', said), refused('peer_unknown'));
  t.equal(heard.length, 1);
});

t.test('a command that lost in the log is a refusal, with the reason of its void', async t => {
  const { options } = await postDesk(t, n => ({
    result: { verdict: 'void', reason: n === 1 ? 'ask_closed' : 'a_newer_word' },
  }));
  const close = { ask: 'ask_1', outcome: 'cancelled' } as const;
  const lose = () => call(options, 'ask.close', close).catch(error => error);
  t.match(await lose(), { name: 'RefusalError', refusal: 'ask_closed', retry: false });
  t.match(await lose(), { refusal: 'invalid', data: { void: 'a_newer_word' } });
});

t.test('who calls by POST loads nothing but our own files: a hook starts often', async t => {
  const foreign = new Set<string>();
  const seen = new Set<string>();
  const walk = async (url: URL) => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const code = await readFile(url, 'utf8');
    for (const [, named = ''] of code.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm)) {
      if (named.startsWith('.')) await walk(new URL(named, url));
      else foreign.add(named);
    }
  };
  await walk(new URL('../../client/sdk/post.js', import.meta.url));
  t.ok(seen.size > 5);
  t.same([...foreign], []);
});
