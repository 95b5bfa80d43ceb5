// The log read back from the command line and the SDK, and a part of it followed.
import t from 'tap';
import { connect } from '../../client/index.js';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const ada = await inside(t, house, 'ada');
const bob = await inside(t, house, 'bob');
await ada.ok(['join']);
await bob.ok(['join']);
const { ask } = JSON.parse(await ada.ok(['ask', 'bob', 'may I merge?', '--json']));
for (const text of ['one', 'two', 'three']) await ada.ok(['notify', 'bob', text]);

interface Row {
  position: number;
  time: number;
  event: { type: string; text?: string };
  cursor?: string;
}

t.test('it is told in sentences, the oldest first, or in reverse', async t => {
  const lines = (await ada.ok(['log', 'read', '--kinds', 'ask,message'])).trimEnd().split('\n');
  t.match(lines, [/ada → bob .*may I merge\?/, /one/, /two/, /three/]);
  const back = await ada.ok(['log', 'read', '--reverse', '--kinds', 'ask,message']);
  t.strictSame(back.trimEnd().split('\n'), lines.toReversed());
});

t.test('a script goes on from the cursor, and is told where the end was', async t => {
  const texts = ({ rows }: { rows: Row[] }) => rows.map(({ event }) => event.text);
  const read = ['log', 'read', '--types', 'message.notified'];
  const first: { rows: Row[]; to: string; end: boolean } = await ada.json([...read, '--max', '2']);
  t.strictSame(texts(first), ['one', 'two']);
  t.equal(first.end, false);
  const rest: typeof first = await ada.json([...read, '--from', first.to]);
  t.strictSame([texts(rest), rest.end], [['three'], true]);
  const lines = (await ada.ok([...read, '--jsonl'])).trimEnd().split('\n');
  t.strictSame(
    lines.map(line => 'cursor' in JSON.parse(line)),
    [false, false, true],
  );
});

t.test('places are cursors, positions and times; peers and refs are found by name', async t => {
  const { rows: all }: { rows: Row[] } = await ada.json(['log', 'read', '--all']);
  const second = all.find(({ event }) => event.text === 'two')!;
  const at = `${second.position}`;
  const { rows: one }: { rows: Row[] } = await ada.json(['log', 'read', '--from', at, '--to', at]);
  t.strictSame(one, [second]);
  const count = async (...more: string[]) =>
    ((await ada.rows(['log', 'read', ...more])) as Row[]).length;
  t.equal(await count('--from', '1h'), all.length);
  t.equal(await count('--to', '1h'), 0);
  t.equal(await count('--refs', ask), 1);
  t.equal(await count('--refs', ask.slice(-6)), 1);
  t.equal(await count('--peers', 'bob', '--kinds', 'message'), 3);
  t.equal(await count('--circle', 'nowhere'), 0);
  t.match(await ada.run(['log', 'read', '--from', 'yesteryear']), { code: 2 });
  t.match(await ada.run(['log', 'read', '--peers', 'eve']), { code: 5 });
  t.match(await ada.run(['log', 'read', '--from', 'log_x.1.000000000000']), { code: 6 });
});

t.test('tail takes the same filter', async t => {
  const tail = ['tail', '--from', 'start', '--no-follow', '--json', '--kinds', 'message'];
  t.equal((await ada.ok(tail)).trimEnd().split('\n').length, 3);
});

t.test('the SDK reads page by page or record by record, and goes on from a cursor', async t => {
  const client = await connect({ url: house.ready.url, credential: house.token });
  t.teardown(() => client.close());
  const positions: number[] = [];
  for await (const { position } of client.read().records()) positions.push(position);
  t.ok(positions.length > 6);
  const reading = client.read({ max: 3 });
  for await (const { position } of reading.records()) t.equal(position, positions.shift());
  const rest = client.read({ from: reading.cursor! });
  const { value: page } = await rest.next();
  t.strictSame(
    page?.records.map(({ position }: Row) => position),
    positions,
  );
  t.match(await rest.next(), { done: true });
  const newest = client.read({ reverse: true, max: 1 });
  for await (const { position } of newest.records()) t.equal(position, positions.at(-1));
});

t.test('an empty list, as of a shell variable that is not set, chooses nothing', async t => {
  for (const flag of ['--kinds', '--peers', '--refs']) {
    for (const verb of [
      ['log', 'read'],
      ['tail', '--no-follow'],
      ['search', 'one'],
      ['timeline'],
    ]) {
      t.match(await ada.run([...verb, flag, '']), { code: 2, stdout: '' }, `${verb[0]} ${flag}`);
    }
  }
});

t.test('what would not be taken out of an export is refused', async t => {
  for (const fields of ['', 'Text', 'txt', 'text,txt']) {
    t.match(await ada.run(['log', 'export', '--redact', fields]), { code: 2, stdout: '' }, fields);
  }
  for (const fields of ['text', 'to,label,model']) {
    t.match(await ada.run(['log', 'export', '--redact', fields]), { code: 0 }, fields);
  }
});
