// Hostile arguments to every tool, and hostile lines: each is answered, and the server lives on.
import fc from 'fast-check';
import t from 'tap';
import { toolNamed, toolsOf } from '../../client/mcp/toolbox.js';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { guest, house } from './house.js';
import { agent } from './session.js';

/** Codex cuts the middle out of what is longer. */
const MOST_CHARS = 12_000;
const RUNS = Number(process.argv[2] ?? 50);
const names = ['more', ...toolsOf(true).map(({ name }) => name)];

const nasty = fc.oneof(
  fc.anything({ withNullPrototype: false, maxDepth: 3 }),
  fc.constantFrom('', '\ud800', 'x'.repeat(300_000), -1, 1e308, 2 ** 53, null, [], {}, '../..'),
  fc.string({ unit: 'binary' }),
);
const strangeKeys = fc.constantFrom('__proto__', 'constructor', 'id', 'toString', '');

/** Arguments with names that the tool knows, for the most part. */
const called = fc.constantFrom(...names).chain(name => {
  const known = Object.keys(toolNamed(name).schema.properties);
  const key = known.length === 0 ? strangeKeys : fc.oneof(fc.constantFrom(...known), strangeKeys);
  const waits = fc.record({ wait_s: fc.constantFrom(0, -1, Number.NaN, '1', null) });
  const few: fc.Arbitrary<object> = known.includes('wait_s') ? waits : fc.constant({});
  const pairs = fc.array(fc.tuple(key, nasty), { maxLength: 4 });
  return fc.tuple(fc.constant(name), pairs, few);
});

t.test(`${RUNS} calls with arguments of any kind are answered in words`, async t => {
  const one = await agent(t, house, 'victim');
  await fc.assert(
    fc.asyncProperty(called, async ([name, pairs, few]) => {
      const args = { ...Object.fromEntries(pairs), ...few };
      const answer = await one.call('tools/call', { name, arguments: args });
      // What is wrong with arguments is for the model to read: no error of the protocol.
      const { content, isError, structuredContent } = answer.result as Record<string, unknown>;
      if (!Array.isArray(content)) throw new Error('no words');
      const words = JSON.stringify(content);
      const most = Math.max(words.length, JSON.stringify(structuredContent ?? '').length);
      if (most > MOST_CHARS) throw new Error(`${name}: ${most} characters`);
      if (/TypeError|Cannot read|is not a function|internal/.test(words)) throw new Error(words);
      return isError === undefined || isError === true;
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  t.match(await one.does('whoami'), { circle: 'default' });
  t.same(one.notes, []);
});

t.test('arguments that are no object are an answer that says what a tool takes', async t => {
  for (const one of [await agent(t, house, 'listing'), await guest(house, '?name=lister')]) {
    for (const args of [['peer'], 7, true, 'peer', '[]']) {
      const { result } = await one.call('tools/call', { name: 'notify', arguments: args as never });
      t.match(result, { isError: true, content: [{ text: /an object; notify takes to, text/ }] });
    }
    for (const args of [null, undefined, '{}']) {
      const { result } = await one.call('tools/call', { name: 'whoami', arguments: args as never });
      t.match(result, { structuredContent: { role: 'agent' } });
    }
  }
});

t.test('a line that is no message costs its sender nothing but that line', async t => {
  const one = await agent(t, house, 'babbler');
  for (const line of ['{', 'null', '[]', '{"jsonrpc":"2.0"}', '\u0000', '{"id":1}']) one.line(line);
  one.line('x'.repeat(limits.mcp_line_bytes));
  t.match(await one.does('whoami'), { circle: 'default' });
  t.match(one.said(), 'a line is longer than');
});
