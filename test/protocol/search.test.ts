// Searching and threads from PROTOCOL.md alone: words, filters, rights, and what came of what.
import t from 'tap';
import { connect, join, openBroker, type Person } from '../dsl/live-broker.js';
import { type Fields, type Guest, refusedBy, uuid } from '../dsl/raw-client.js';
import { until } from '../dsl/until.js';

interface Hits {
  hits: (Fields & { position: number; ref: string; snippet: string })[];
  indexed_to: number;
  next?: string;
}

interface Thread {
  nodes: { ref: string; parent?: string; records: [number, number, Fields, string?][] }[];
  indexed_to: number;
}

const PULL = 'https://github.com/acme/shop/pull/2';

/** Asks until the index has the newest that one may see: on a busy machine it may be behind. */
async function indexed<T extends { indexed_to: number }>(
  guest: Guest,
  method: string,
  params: Fields,
): Promise<T> {
  const newest = { from: 'now', reverse: true, max: 1 };
  const { records } = await guest.call<{ records: [number][] }>('log.read', newest);
  const wanted = records[0]?.[0] ?? 0;
  return until(async () => {
    const told = await guest.call<T>(method, params).catch(error => {
      if (error.refusal === 'unavailable') return undefined;
      throw error;
    });
    return told !== undefined && told.indexed_to >= wanted && told;
  });
}

const search = (guest: Guest, query: string, more: Fields = {}) =>
  indexed<Hits>(guest, 'log.search', { query, ...more });

async function found(guest: Guest, query: string, more: Fields = {}): Promise<string[]> {
  return (await search(guest, query, more)).hits.map(({ ref }) => ref);
}

const house = await openBroker(t);
const operator = await connect(t, house);

/** Someone who may only look, and only there. */
async function lookingInto(circle: string): Promise<Guest> {
  const token = { name: 'ci', circles: [circle], roles: ['service'], verbs: ['observe'] };
  const secret = `a-secret-of-${circle}-and-long-enough`;
  await operator.command('token.create', { ...token, secret });
  return connect(t, house, { credential: secret });
}

/** A circle of its own for each rule. */
async function world(circle: string) {
  const ada = await join(t, house, 'ada', { project: 'shop', circle });
  const api = await join(t, house, 'api', { project: 'ledger', circle });
  return { ada, api, reader: await lookingInto(circle) };
}

async function ask(who: Person, to: string, text: string, more: Fields = {}): Promise<string> {
  return String((await who.guest.command('ask.open', { to, text, ...more })).ask);
}

t.test('what was said is found by its words, in any case and script', async t => {
  const { ada, api, reader } = await world('words');
  const deploy = await ask(ada, 'api', 'May I deploy Café “staging” to-day? 日本語テキスト 🚂');
  const no = { ask: deploy, outcome: 'declined', text: 'the migration is not done' };
  await api.guest.command('ask.close', no);
  const { job } = await ada.guest.command('job.create', { title: 'migrate', body: 'the ledger' });
  await api.guest.command('job.claim', { job });
  await api.guest.command('job.update', { job, attempt: 1, note: 'half of the tables' });
  const failed = { job, attempt: 1, outcome: 'failed', summary: 'gave up', error: 'ECONNRESET' };
  await api.guest.command('job.finish', failed);
  await api.guest.command('peer.turn', { state: 'idle', text: 'I refused it', role: 'assistant' });
  await api.guest.command('review.touch', { pr_url: PULL, title: 'Dark mode' });

  const rows: [string, unknown][] = [
    ['DEPLOY cafe', [deploy]],
    ['"may i deploy"', [deploy]],
    ['"deploy may"', []],
    ['depl*', [deploy]],
    ['depl', []],
    ['語', [deploy]],
    ['日本語', [deploy]],
    ['本語テ', [deploy]],
    ['日語', []],
    ['🚂', [deploy]],
    ['migration OR tables', [job, deploy]],
    ['migration -done', []],
    ['refused', [api.peer]],
    ['econnreset', [job]],
    ['dark mode', [PULL]],
    ['shop/pull/2', [PULL]],
    ['!!! ("', []],
  ];
  for (const [query, refs] of rows) t.same(await found(reader, query), refs, query);

  const { hits, indexed_to } = await search(reader, 'migration', { records: true });
  t.match(hits, [
    {
      type: 'ask.closed',
      by: api.peer,
      by_name: 'api',
      circle: 'words',
      snippet: 'the [migration] is not done',
      marks: [[5, 14]],
      record: [hits[0]?.position, Number, { outcome: 'declined' }],
    },
  ]);
  t.ok(indexed_to >= Number(hits[0]?.position));
});

t.test('a search is narrowed by filter, project and time, and paged without a gap', async t => {
  const { ada, api, reader } = await world('pages');
  const refs: string[] = [];
  for (let n = 0; n < 7; n++) refs.unshift(await ask(ada, 'api', `word number ${n}`));
  await api.guest.command('peer.describe', { text: 'another word' });
  for (const order of ['newest', 'best']) {
    const all: string[] = [];
    let after: string | undefined;
    do {
      const more = { order, max: 3, filter: { kinds: ['ask'] }, ...(after && { after }) };
      const page = await search(reader, 'word', more);
      all.push(...page.hits.map(({ ref }) => ref));
      after = page.next;
    } while (after !== undefined);
    t.same(all, refs, order);
  }
  t.same(await found(reader, 'word', { project: 'ledger', max: 1 }), [api.peer]);
  t.same(await found(reader, 'another', { filter: { peers: [api.peer] } }), [api.peer]);
  t.equal((await found(operator, 'word', { filter: { circles: ['pages'] } })).length, 8);
  t.same(await found(operator, 'word', { filter: { circles: ['hall'] } }), []);
  t.same(await found(reader, 'word', { filter: { refs: [refs[2]] } }), [refs[2]]);
  t.same(await found(reader, 'word', { filter: { types: ['ask.opened'], kinds: ['job'] } }), []);
  t.same(await found(reader, 'word', { filter: { peers: ['peer_nobody'] } }), []);
  t.same(await found(reader, 'word', { to: 1_000 }), []);
  t.equal((await found(reader, 'word', { from: 1_000 })).length, 8);
  const { data } = await refusedBy(search(reader, 'word', { order: 'best', after: '5' }));
  t.match(data, { refusal: 'invalid' });
  t.same(await found(reader, '', { filter: { peers: [api.peer] }, max: 1 }), [api.peer]);
});

t.test('no text is an error, and none is read as a condition of the database', async t => {
  const { ada, reader } = await world('hostile');
  await ask(ada, 'api', 'plain words');
  const hostile = [
    '"',
    '" OR "',
    'facets : a',
    '{facets} : a',
    'NEAR(plain words)',
    '* ** "*" -* OR -',
    "'; DROP TABLE cursor; --",
    '\u0000 plain',
    '\ufffd\u202e',
    '('.repeat(900),
    'a OR '.repeat(60),
    '-plain -words',
    'AND NOT plain',
    'x'.repeat(1_000),
  ];
  for (const query of hostile) t.type((await search(reader, query)).hits, Array, query);
  t.same((await found(reader, '-plain')).length > 0, true, 'all others');
  t.match((await refusedBy(search(reader, 'w '.repeat(65)))).data, { refusal: 'invalid' });
  t.match((await refusedBy(search(reader, 'w'.repeat(1_001)))).data, { refusal: 'invalid' });
});

t.test('a token bound to circles finds nothing outside them', async t => {
  const { ada, reader: home } = await world('home');
  const far = await join(t, house, 'far', { circle: 'away' });
  const away = await lookingInto('away');
  const inside = await ask(far, far.peer === '' ? '' : 'far', 'x').catch(() => '');
  t.equal(inside, '', 'nobody asks itself');
  const across = await ask(ada, far.peer, 'secret across');
  await far.guest.command('broadcast.send', { text: 'secret at home' });
  const near = await ask(ada, 'api', 'secret nearby', { caused_by: across });
  t.same(await found(home, 'secret'), [near]);
  const { hits } = await search(away, 'secret');
  t.same(
    hits.map(({ snippet }) => snippet),
    ['[secret] at home', '[secret] across'],
  );
  t.same(await found(away, 'secret', { filter: { circles: ['home'] } }), []);
  const { nodes } = await indexed<Thread>(home, 'log.thread', { ref: near });
  t.same(
    nodes.map(({ ref }) => ref),
    [near],
    'what it came of is not seen',
  );
  const { data, message } = await refusedBy(away.call('log.thread', { ref: near }));
  const unknown = await refusedBy(away.call('log.thread', { ref: `ask_${uuid()}` }));
  t.same(data, unknown.data);
  t.match(message, /^There is no ask_/);
});

t.test('a thread is the tree of what came of what, from any of its things', async t => {
  const { ada, api, reader } = await world('threads');
  const first = await ask(ada, 'api', 'fix the login');
  const back = await ask(api, 'ada', 'which one?', { reply_to: first });
  const made = { title: 'the login', caused_by: back, correlation: 'issue 7' };
  const { job } = await ada.guest.command('job.create', made);
  await api.guest.command('job.claim', { job });
  const artifacts = [{ name: 'pull', url: PULL }];
  const done = { job, attempt: 1, outcome: 'completed', summary: 'done', artifacts };
  await api.guest.command('job.finish', done);
  await api.guest.command('review.touch', { pr_url: PULL });
  const wake = { text: 'look again', fire_at: '2h', caused_by: job };
  const { schedule } = await ada.guest.command('schedule.self', wake);
  const { group, asks } = await ada.guest.command('ask.fan_out', {
    to: ['api'],
    text: 'all well?',
    caused_by: job,
  });
  const [part] = asks as string[];
  await api.guest.command('ask.close', { ask: part, outcome: 'replied', text: 'yes' });
  const tree = [
    [first, undefined],
    [back, first],
    [job, back],
    [schedule, job],
    [group, job],
    [PULL, job],
    [part, group],
  ];
  for (const ref of [first, job, schedule, PULL, part, `${PULL}/files?w=1`]) {
    const { nodes, indexed_to } = await indexed<Thread>(reader, 'log.thread', { ref });
    const told = nodes.map(({ ref, parent }) => [ref, parent]);
    t.same(new Set(told.map(String)), new Set(tree.map(String)), String(ref));
    const at = (each: unknown) => nodes.findIndex(({ ref }) => ref === each);
    t.ok(
      tree.every(([ref, parent]) => at(parent) < at(ref)),
      'a parent stands before',
    );
    t.match(nodes[0]?.records[0], [Number, Number, { type: 'ask.opened', ask: first }]);
    t.type(indexed_to, 'number');
  }
  t.match((await refusedBy(reader.call('log.thread', { ref: 'nonsense' }))).data, {
    refusal: 'invalid',
  });
});
