// Exports of the log: any change of one is found and named, redacted or not, without any broker.
import t from 'tap';
import { FIRST_SUM, sealLine } from '../../broker/core/audit/export-lines.js';
import { passingSigner } from '../../broker/disk/signing-key.js';
import { isRefusal } from '../../schemas/refusal.js';
import { chanceFrom, seedOf } from '../dsl/chance.js';
import { auditorOf, exported, someLog, verified } from '../dsl/exports.js';

const signer = passingSigner();
const mesh = someLog(1_000, signer);
const full = await exported(mesh, signer);
const redactedOne = await exported(mesh, signer, { redact: ['text'] });
const cloud = await exported(mesh, signer, { format: 'cloudevents' });
const raw = await exported(mesh, signer, { format: 'raw' });
const linesOf = (bytes: Buffer) => bytes.toString().trimEnd().split('\n');
const joined = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);
const all = { full, redactedOne, cloud, raw };

t.test('an export of each kind verifies, and says how much it proves', async t => {
  for (const [kind, bytes] of Object.entries(all)) {
    const alone = verified(bytes);
    t.match(
      alone,
      { ok: true, grade: 'self_consistent', from: 1, to: 1_000, commits: 1_000 },
      kind,
    );
    t.match(verified(bytes, [signer.key]), { ok: true, grade: 'signed', signed_to: 1_000 }, kind);
    const { ok, reason } = verified(bytes, [passingSigner().key]);
    t.match({ ok, reason }, { ok: false, reason: /nothing in it is signed by a key/ }, kind);
  }
});

t.test('a part of the log verifies from its own first digest on', async t => {
  const part = await exported(mesh, signer, { from: 301, to: 700 });
  t.match(verified(part, [signer.key]), { ok: true, from: 301, to: 700, commits: 400 });
  const [one] = linesOf(await exported(mesh, signer, { from: 301, to: 301 }));
  t.equal(one, linesOf(part)[0]);
});

t.test('what a broker signed before is proved by its key, whoever wrote the export', async t => {
  const other = await exported(mesh, passingSigner());
  const report = verified(other, [signer.key]);
  t.match(report, { ok: true, grade: 'signed' });
  t.ok((report.signed_to ?? 0) > 900 && (report.signed_to ?? 0) < 1_000, `${report.signed_to}`);
  t.equal(report.keys.length, 2);
});

t.test('every changed byte is found, wherever it is', async t => {
  const chance = chanceFrom(seedOf(t));
  const below = (count: number) => Math.floor(chance() * count);
  for (const [kind, bytes] of Object.entries(all)) {
    const edges = Array.from({ length: 4 }, (_, n) => bytes.length - 1 - 30 * n);
    const anywhere = Array.from({ length: 6 }, () => below(bytes.length));
    for (const at of [...Array(200).keys(), ...anywhere, ...edges]) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ (1 + below(255));
      if (verified(changed, [signer.key]).ok) t.fail(`${kind}: byte ${at}`);
    }
  }
});

t.test('what is cut, swapped, put in or said twice is found and its place named', async t => {
  for (const [kind, bytes] of Object.entries(all)) {
    const lines = linesOf(bytes);
    const at = 500;
    const line = (n: number) => lines[n]!;
    const cases: Record<string, [lines: string[], bad: number]> = {
      'the head cut off': [lines.slice(1), 1],
      'the tail cut off': [lines.slice(0, -1), lines.length],
      'all but the head cut off': [lines.slice(0, 1), 2],
      'one taken out': [[...lines.slice(0, at), ...lines.slice(at + 1)], at + 1],
      'two swapped': [
        [...lines.slice(0, at), line(at + 1), line(at), ...lines.slice(at + 2)],
        at + 1,
      ],
      'one said twice': [[...lines.slice(0, at), line(at - 1), ...lines.slice(at)], at + 1],
      'something put in': [[...lines.slice(0, at), '{"commit":1}', ...lines.slice(at)], at + 1],
      'something added': [[...lines, line(at)], lines.length + 1],
      'an empty line': [[...lines.slice(0, at), '', ...lines.slice(at)], at + 1],
    };
    for (const [what, [changed, bad]] of Object.entries(cases)) {
      t.match(verified(joined(changed)), { ok: false, bad_line: bad }, `${kind}: ${what}`);
    }
    t.match(verified(bytes.subarray(0, -1)), { ok: false }, `${kind}: the last newline`);
    t.match(verified(bytes.subarray(0, bytes.length >> 1)), { ok: false }, `${kind}: half of it`);
    t.match(verified(Buffer.alloc(0)), { ok: false, bad_line: 1 });
  }
});

t.test('the first bad position is that of the commit that was changed', async t => {
  const lines = linesOf(full);
  const changed = lines.map((line, n) => (n === 321 ? line.replace('may I', 'may we') : line));
  const { first_bad, bad_line } = verified(joined(changed));
  t.same({ first_bad, bad_line }, { first_bad: 321 * 4_096, bad_line: 322 });
});

/** A forger who makes all sums anew, but has not the key. */
function forged(lines: readonly string[], change: (body: string, n: number) => string): Buffer {
  let sum = FIRST_SUM;
  const made = lines.map((line, n) => {
    const sealed = sealLine(sum, change(`${line.slice(0, -74)}}`, n));
    sum = sealed.sum;
    return sealed.line;
  });
  return joined(made);
}

t.test('who makes the sums anew is found by the digests and the signature', async t => {
  const lines = linesOf(full);
  t.ok(verified(forged(lines, body => body)).ok, 'that is how it is done');
  const at = lines.findIndex(line => line.includes('may I merge 101?'));
  const words = forged(lines, (body, n) => (n === at ? body.replace('may I', 'may we') : body));
  t.match(verified(words), { ok: false, bad_line: at + 1, reason: /not those in the bytes/ });
  const bytes = forged(lines, (body, n) => {
    if (n !== at) return body;
    const said = JSON.parse(body);
    const other = Buffer.from(said.bytes, 'base64');
    other[other.length - 1] = other[other.length - 1]! ^ 1;
    return JSON.stringify({ ...said, bytes: other.toString('base64') });
  });
  t.notOk(verified(bytes).ok);
  const time = forged(lines, (body, n) => (n === at ? body.replace('"at":1', '"at":2') : body));
  t.match(verified(time), { ok: false, reason: /signature of its last line/ });
  const redacted = linesOf(redactedOne);
  const voided = forged(redacted, (body, n) =>
    n === at ? body.replace('ask.opened', 'ask.closed') : body,
  );
  t.match(verified(voided), { ok: false, reason: /signature of its last line/ });
});

t.test('a redacted export has no word of what was taken out, and no digest between', async t => {
  const text = redactedOne.toString();
  t.notMatch(text, /merge|grüße|"hm"|yes, /);
  t.match(text, /"text":"\[redacted\]"/);
  t.match(text, /"redacted":\["text"\]/);
  const digests = mesh.log.length;
  t.ok(digests === 1_000);
  const told = text.match(/"digest":"[0-9a-f]{64}"/g) ?? [];
  t.equal(told.length, 2, 'the one before and the one after');
  const reasons = await exported(mesh, signer, { redact: ['outcome'] });
  t.match(reasons.toString(), /"outcome":"\[redacted\]"/);
  t.match(reasons.toString(), /may I merge/);
});

t.test(
  'an event as a CloudEvent has the attributes of 1.0, and texts where numbers are long',
  async t => {
    const [head, first, ...rest] = linesOf(cloud).map(line => JSON.parse(line));
    t.match(head, {
      specversion: '1.0',
      type: 'signalbox.export.begun',
      data: { format: 'cloudevents' },
    });
    t.match(first, {
      specversion: '1.0',
      id: '4096',
      source: '/signalbox/home/log_1',
      type: 'signalbox.log.opened',
      time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
      datacontenttype: 'application/json',
      data: { type: 'log.opened' },
    });
    const ids = rest.map(event => event.id);
    t.equal(new Set(ids).size, ids.length, 'each id once');
    const attributes = rest.flatMap(event => Object.entries(event));
    const odd = attributes.filter(
      ([name, value]) =>
        name !== 'data' && !(/^[a-z0-9]+$/.test(name) && typeof value === 'string'),
    );
    t.same(odd, []);
    t.ok(rest.some(event => event.voidreason === 'ask_unknown'));
  },
);

t.test('only the broker that wrote a page goes on after it', async t => {
  const [ours, other] = [auditorOf(mesh, signer), auditorOf(mesh)];
  const wanted = { format: 'jsonl', from: 1, to: 1_000, redact: [] } as const;
  const page = await ours.begin(wanted);
  if (isRefusal(page)) throw new Error(page.message);
  const next = page.next ?? '';
  for (const odd of [
    '',
    'x',
    next.slice(1),
    `${next.slice(0, -4)}AAAA`,
    Buffer.from('{}').toString('base64url'),
  ]) {
    t.match(await ours.goOn(odd), { refusal: 'invalid' });
  }
  if (next !== '') t.match(await other.goOn(next), { refusal: 'invalid' });
  if (next !== '') t.notOk(isRefusal(await ours.goOn(next)));
});
