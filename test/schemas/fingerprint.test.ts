// Guards the wire: what the protocol says today is what the committed record says it did.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { eventRow, eventTypes, isEventType } from '../../schemas/event.js';
import { closeCodes, PROTOCOL, SUBPROTOCOLS } from '../../schemas/frame.js';
import { openrpcDocument } from '../../schemas/openrpc.js';
import { refusals } from '../../schemas/refusal.js';
import { marksOf } from '../../schemas/shape.js';

const RECORD = new URL('../../../test/schemas/fingerprint.json', import.meta.url);
const ACCEPT = 'UPDATE_FINGERPRINT=1 npm test schemas/fingerprint';

type Prints = Record<string, string>;

/** Keys in order, and no words for people: changing those changes nothing on the wire. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, field]) => !isWords(key, field));
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, canonical(field)]),
  );
}

function isWords(key: string, field: unknown): boolean {
  return typeof field === 'string' && ['summary', 'description', 'help'].includes(key);
}

function print(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('hex')
    .slice(0, 12);
}

function printsOf(parts: Readonly<Record<string, unknown>>): Prints {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, print(part)]));
}

/** A short hash of every part of the protocol, so that a difference says where it is. */
function fingerprint(): Record<string, Prints | string> {
  const { methods, components } = openrpcDocument('0') as {
    methods: { name: string }[];
    components: { schemas: Record<string, unknown> };
  };
  const nouns = Object.entries(components.schemas).filter(([name]) => !isEventType(name));
  return {
    protocol: PROTOCOL,
    methods: printsOf(
      Object.fromEntries(methods.map(({ ...method }) => [method.name, { ...method, errors: 0 }])),
    ),
    nouns: printsOf(Object.fromEntries(nouns)),
    events: printsOf(
      Object.fromEntries(eventTypes.map(type => [type, marksOf(eventRow(type).fields)])),
    ),
    refusals: printsOf(refusals),
    frames: printsOf({ subprotocols: SUBPROTOCOLS, close_codes: closeCodes }),
  };
}

t.test('the protocol is what the record says', async t => {
  const found = fingerprint();
  if (process.env.UPDATE_FINGERPRINT) {
    await writeFile(RECORD, `${JSON.stringify(found, null, 2)}\n`);
  }
  const wanted = JSON.parse(await readFile(RECORD, 'utf8'));
  t.same(
    found,
    wanted,
    `The wire has changed where the hashes differ. Additions are free, renames are not. ` +
      `If it is intended: ${ACCEPT}, and commit test/schemas/fingerprint.json.`,
  );
});

t.test('another help text is no change of the wire, another field is', async t => {
  const param = { name: 'to', required: true, description: 'Whom.', schema: { type: 'string' } };
  t.equal(print(param), print({ ...param, description: 'Who is addressed.' }));
  t.equal(print({ a: 1, b: [2] }), print({ b: [2], a: 1 }), 'nor is another order of keys');
  t.not(print(param), print({ ...param, required: false }));
  t.not(print(param), print({ ...param, name: 'description' }));
  const field = { description: { type: 'string' } };
  t.not(print(field), print({}), 'a field may itself be called description');
});
