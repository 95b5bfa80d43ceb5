// Proves what a memory adds to the sentences: titles, attempts, who asked, who was away.
import t from 'tap';
import { createMemory, type Memory } from '../../client/telling/memory.js';
import { tellingOf } from '../../client/telling/sentences.js';
import { inWords, type TellingPart, type Voice } from '../../client/telling/telling.js';
import type { LogRecord, SignalEvent } from '../../schemas/event.js';

const voice: Voice = {
  peer: ({ id, name }) => name ?? id,
  thing: ({ noun, id, title }) => title ?? `${noun} ${id}`,
  id: ({ id }) => id,
  pull: ({ url }) => url,
  progress: ({ share }) => String(share),
};

function record(fields: Partial<SignalEvent>): LogRecord {
  const event = { v: 1, id: '1', circle: 'web', by: 'ada', ...fields } as SignalEvent;
  return { position: 1, time: 1_000, event };
}

/** The event as a sentence, with who did it and for whom; the memory learns it afterwards. */
function told(memory: Memory, fields: Partial<SignalEvent>): string {
  const { by = 'broker', to, said } = tellingOf(record(fields), memory);
  memory.learn(record(fields));
  const parts: TellingPart[] = [by, ...(to ? [' → ', to] : []), ' ', ...said];
  return inWords(parts, voice);
}

t.test('a thing is called by its title once somebody has told it', async t => {
  const memory = createMemory();
  const job = 'job_1';
  t.equal(
    told(memory, { type: 'job.created', job, title: 'Fix', kind: 'fix' }),
    'ada → who does fix job job_1: Fix',
  );
  t.equal(told(memory, { type: 'job.claimed', job }), 'ada claimed Fix');
  t.equal(
    told(memory, { type: 'job.lapsed', job, attempt: 1 }),
    'broker Fix: the lease of attempt 1 ended',
  );
  t.equal(told(memory, { type: 'job.claimed', job }), 'ada claimed Fix, attempt 2');
});

t.test('an answer goes to who asked, and a choice is called by its label', async t => {
  const memory = createMemory();
  const ask = 'ask_1';
  const question = { kind: 'permission', options: [{ id: 'a', label: 'allow' }] };
  t.equal(
    told(memory, { type: 'ask.opened', ask, to: 'bob', text: 'may I?', question }),
    'ada → bob ask ask_1: may I? [allow]',
  );
  const yes = { by: 'bob', ask, outcome: 'replied', option: 'a', text: 'once' } as const;
  t.equal(told(memory, { type: 'ask.closed', ...yes }), 'bob → ada may I? granted (allow): once');
});

t.test('what took no effect teaches nothing', async t => {
  const memory = createMemory();
  const made = record({ type: 'job.created', job: 'job_1', title: 'Fix', kind: 'fix' });
  memory.learn({ ...made, void: 'duplicate' });
  t.equal(told(memory, { type: 'job.claimed', job: 'job_1' }), 'ada claimed job job_1');
});

t.test('who was away is back, who was not is online', async t => {
  const memory = createMemory();
  const bob = { by: 'boot_1', peer: 'bob', boot: 'boot_1' };
  t.equal(told(memory, { type: 'peer.connected', ...bob }), 'bob is online');
  t.equal(told(memory, { type: 'peer.disconnected', ...bob }), 'bob is offline');
  t.equal(told(memory, { type: 'peer.connected', ...bob }), 'bob is back: same peer, same inbox');
});

t.test('what a turn took and what was pushed stand in the sentence', async t => {
  const usage = { model: 'm', input_tokens: 18_200, output_tokens: 400, cost_usd: 0.07 };
  const memory = createMemory();
  t.equal(
    told(memory, { type: 'peer.turned', state: 'awaiting_input', usage, text: 'the key?' }),
    'ada is awaiting input, 18.2k tokens in, 400 out, $0.07 (m): the key?',
  );
  const pushed = { pr_url: 'https://x/1', head_sha: '0123456789', title: 'A door' };
  t.equal(
    told(memory, { type: 'review.touched', ...pushed }),
    'ada touched https://x/1 at 0123456: A door',
  );
});
