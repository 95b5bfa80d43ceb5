// Usage of a turn: what the transcript of each runtime tells is reported once, at the stop.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import t from 'tap';
import { readUse } from '../../client/cli/hook/usage-mark.js';
import { countUse } from '../../client/runtimes/transcript-usage.js';
import { join, openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { hookedSession } from './hooked.js';

const usageIn = (lines: string[], model?: string) => countUse(lines, model).usage;
const line = (entry: object) => `${JSON.stringify(entry)}\n`;
const claude = (id: string, output_tokens: number) => {
  const usage = { input_tokens: 10, cache_read_input_tokens: 90, output_tokens };
  return line({ type: 'assistant', message: { id, model: 'opus', usage } });
};

t.test('each runtime tells of the tokens of each answer, once', async t => {
  const told = [claude('m1', 1), claude('m1', 5), claude('m2', 7), 'no json "usage"\n'];
  t.same(usageIn(told), { model: 'opus', input_tokens: 200, output_tokens: 12 });
  const usage = { input_tokens: 100, output_tokens: 20 };
  const record = line({ type: 'token_usage_record', payload: { response_id: 'r1', usage } });
  t.same(usageIn([record, record], 'gpt'), { model: 'gpt', ...usage });
  const rate_limits = { rate_limit_reached_type: 'primary' };
  const limited = line({ type: 'event_msg', payload: { type: 'token_count', rate_limits } });
  t.match(usageIn([limited], 'gpt'), { input_tokens: 0, rate_limited: true });
  const tokens = { input: 100, output: 20, thoughts: 3 };
  const gemini = { id: 'g1', type: 'gemini', tokens, model: 'flash' };
  const wanted = { model: 'flash', input_tokens: 100, output_tokens: 23 };
  t.same(usageIn([line(gemini)]), wanted);
  t.equal(usageIn([line({ usage: 'none' }), line({ type: 'user' })]), undefined);
});

t.test('a stop reports what came since the last, and nothing from before the session', async t => {
  const house = await openBroker(t);
  const web = await join(t, house, 'web');
  const { hook, home } = await hookedSession(t, house, { folder: 'spender' });
  const transcript_path = pathOf(home, 'transcript of it.jsonl');
  writeFileSync(transcript_path, claude('m0', 999));
  const used = async () => {
    const { rows } = await web.guest.call('usage.list', {});
    const row = (rows as { name?: string; output_tokens?: number }[]).find(
      ({ name }) => name === 'spender',
    );
    return row?.output_tokens;
  };
  await hook('UserPromptSubmit', { prompt: 'go', transcript_path });
  appendFileSync(transcript_path, claude('m1', 7));
  await hook('Stop', { transcript_path });
  t.equal(await used(), 7);
  appendFileSync(transcript_path, claude('m2', 5).slice(0, -9));
  await hook('Stop', { transcript_path, n: 2 });
  t.equal(await used(), 7, 'half a line waits for its end');
  appendFileSync(transcript_path, claude('m2', 5).slice(-9));
  await hook('Stop', { transcript_path, n: 3 });
  await hook('Stop', { transcript_path, n: 4 });
  t.equal(await used(), 12);
  appendFileSync(transcript_path, claude('m2', 6) + claude('m2', 6));
  await hook('Stop', { transcript_path, n: 5 });
  await hook('Stop', { transcript_path, n: 6 });
  t.equal(await used(), 13, 'an answer that goes on behind a stop counts once');
});

t.test('a transcript or mark that cannot be read costs its usage, and never the hook', async t => {
  const dir = await tempDir(t);
  for (const path of ['x'.repeat(5_000), '/dev/null/x', '\0', pathOf(dir, 'missing')]) {
    t.equal(readUse(dir, path, undefined).usage, undefined);
  }
  const transcript = pathOf(dir, 't.jsonl');
  writeFileSync(transcript, claude('m1', 7));
  const last = { key: 'm1', input: 'none', output: -1 };
  for (const mark of [{ at: -5 }, { at: 0, last }, { at: 1e99 }, { at: null }]) {
    writeFileSync(pathOf(dir, 'usage'), JSON.stringify({ transcript, ...mark }));
    t.equal(readUse(dir, transcript, undefined).usage, undefined);
  }
});
