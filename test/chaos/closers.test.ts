// A race of closers over two brokers of one mesh: one winner per ask, and everybody agrees who.
import { type Test, test } from 'tap';
import { chanceFrom, seedOf, shuffled } from '../dsl/chance.js';
import { connect, type House, join, openBrokers, type Person } from '../dsl/live-broker.js';
import { type Fields, type Guest, Refused, uuid } from '../dsl/raw-client.js';

const ASKS = 60;

interface Close {
  text: string;
  answer?: Fields;
  refusal?: string;
}

test('of many closes over two brokers one takes effect, and all agree which', async t => {
  const chance = chanceFrom(seedOf(t));
  const { brokers } = await openBrokers(t, 2);
  const web = await join(t, brokers[0]!, 'web');
  const api = await join(t, brokers[1]!, 'api');
  const closers = await Promise.all(
    brokers.map(house => connect(t, house, { credential: api.credential })),
  );
  const askers = await Promise.all(
    brokers.map(house => connect(t, house, { credential: web.credential })),
  );
  let voids = 0;
  for (let n = 0; n < ASKS; n++) {
    const ask = await web.ask('api', `question ${n}`);
    const waited = web.wait(ask);
    // Both brokers know the ask, so neither refuses for being behind.
    for (const guest of closers) await guest.call('ask.get', { ask });
    const closes = await closeAtOnce(ask, shuffled(closers, chance), shuffled(askers, chance));
    const winners = closes.filter(({ answer }) => answer?.verdict === 'applied');
    const threads = await Promise.all(askers.map(guest => guest.call('ask.get', { ask })));
    if (winners.length !== 1) t.fail(`${winners.length} closes of ${ask} took effect`);
    const { text, answer } = winners[0]!;
    if (!isClosedBy(threads[0]!, text, answer?.position)) t.fail(`${ask} was closed by another`);
    const reports = [threads[1], await waited].map(thread => JSON.stringify(thread));
    if (reports.some(report => report !== JSON.stringify(threads[0]))) t.fail(reports.join());
    for (const loser of closes) {
      if (loser === winners[0]) continue;
      if (loser.answer !== undefined) voids++;
      if (!hasLost(loser, Number(answer?.position))) t.fail(JSON.stringify(loser));
    }
  }
  t.ok(voids > 0, `${voids} closes lost in the log itself`);
  await sameEverywhere(t, askers);
});

/** The recipient replies through both brokers while the asker cancels through both. */
function closeAtOnce(ask: string, replying: Guest[], cancelling: Guest[]): Promise<Close[]> {
  const replies = replying.map((guest, i) => close(guest, ask, 'replied', `reply ${i}`));
  const cancels = cancelling.map((guest, i) => close(guest, ask, 'cancelled', `cancel ${i}`));
  return Promise.all([...replies, ...cancels]);
}

async function close(guest: Guest, ask: string, outcome: string, text: string): Promise<Close> {
  try {
    return { text, answer: await guest.command('ask.close', { ask, outcome, text }) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { text, refusal: error.refusal };
  }
}

function isClosedBy(thread: Fields, text: string, position: unknown): boolean {
  const reply = thread.reply as Fields | undefined;
  const isReply = text.startsWith('reply');
  const isIt = isReply ? reply?.text === text : thread.outcome === 'cancelled';
  return thread.state === 'closed' && thread.position === position && isIt;
}

/** Refused at the door, or in the log behind the winner and void. */
function hasLost({ answer, refusal }: Close, winner: number): boolean {
  if (answer === undefined) return refusal === 'ask_closed';
  const isVoid = answer.verdict === 'void' && answer.reason === 'ask_closed';
  return isVoid && Number(answer.position) > winner;
}

test('a name is given once, however many join under it over two brokers', async t => {
  const { brokers } = await openBrokers(t, 2);
  for (let n = 0; n < 5; n++) {
    const joins = [0, 1, 0, 1].map(i => join(t, brokers[i]!, `twin${n}`));
    const names = (await Promise.all(joins)).map(person => person.name);
    t.strictSame(names.sort(), [`twin${n}`, `twin${n}-2`, `twin${n}-3`, `twin${n}-4`]);
  }
  await sameEverywhere(t, await Promise.all(brokers.map(house => connect(t, house))));
});

test('a peer is itself on any broker at once, by what it has seen', async t => {
  const { brokers } = await openBrokers(t, 2);
  for (let n = 0; n < 10; n++) {
    const here = await join(t, brokers[n % 2]!, `mover${n}`);
    const there = await join(t, brokers[(n + 1) % 2]!, 'another-name', {
      peer: here.peer,
      secret: here.secret,
      min_position: here.joined.position,
    });
    t.strictSame([there.peer, there.name], [here.peer, here.name]);
  }
});

test('one command id takes effect once, also when two brokers get it at once', async t => {
  const { brokers } = await openBrokers(t, 2);
  const web = await join(t, brokers[0]!, 'web');
  const api = await join(t, brokers[1]!, 'api');
  const speakers = await both(t, brokers, web);
  for (let n = 0; n < 20; n++) {
    const id = uuid();
    const params = { id, to: 'api', text: `once ${n}` };
    const answers = await Promise.all(speakers.map(guest => guest.call('notify.send', params)));
    t.strictSame(answers[0], answers[1], 'both give the first answer');
  }
  const { items } = await api.guest.call<{ items: Fields[] }>('inbox.read', { max: 100 });
  t.strictSame(
    items.map(({ text }) => text),
    Array.from({ length: 20 }, (_, n) => `once ${n}`),
  );
});

test('one id for two methods over two brokers is one command and one refusal', async t => {
  const { brokers } = await openBrokers(t, 2);
  const web = await join(t, brokers[0]!, 'web');
  await join(t, brokers[1]!, 'api');
  const [one, two] = await both(t, brokers, web);
  for (let n = 0; n < 20; n++) {
    const id = uuid();
    const ends = await Promise.allSettled([
      one!.call('notify.send', { id, to: 'api', text: 'a message' }),
      two!.call('ask.open', { id, to: 'api', text: 'an ask' }),
    ]);
    const refusals = ends.flatMap(end => (end.status === 'rejected' ? [end.reason.refusal] : []));
    t.strictSame(refusals, ['invalid']);
  }
});

function both(t: Test, brokers: House[], { credential }: Person): Promise<Guest[]> {
  return Promise.all(brokers.map(house => connect(t, house, { credential })));
}

/** Both brokers tell the same peers and threads once they stand at the same head. */
async function sameEverywhere(t: Test, guests: Guest[]): Promise<void> {
  for (;;) {
    const heads = await Promise.all(guests.map(guest => guest.call('mesh.info')));
    const told = await Promise.all(
      guests.map(async guest => [
        await guest.call('peer.list', { offline: true, circle: '*' }),
        await guest.call('ask.list'),
      ]),
    );
    const after = await Promise.all(guests.map(guest => guest.call('mesh.info')));
    if (new Set([...heads, ...after].map(({ head }) => head)).size > 1) continue;
    t.strictSame(told[0], told[1], 'both brokers tell the same state');
    return;
  }
}
