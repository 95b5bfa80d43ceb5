// The bytes of log.records: spliced msgpack and transcoded JSON are the same message.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { PassedRecord } from '../../broker/gateway/observe/event-filter.js';
import { encodeFrame, wrapBody } from '../../broker/gateway/observe/record-frame.js';
import { decode, pack } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import { plainObject } from '../schemas/plain.js';

const envelope = { subscription: 'sub_1', after: 'a', to: 'b', live: true };

function framed(encoding: Encoding, lines: readonly PassedRecord[]): unknown {
  const { bytes, body } = encodeFrame(encoding, envelope, lines);
  assert.deepEqual(wrapBody(encoding, envelope, body), bytes, 'made anew around its body');
  return decode(encoding, bytes);
}

function lineOf(data: object, position: number, time: number, reason?: string): PassedRecord {
  const event = { v: 1, id: 'i', type: 'inbox.taken', by: 'p', circle: 'c', data } as never;
  const fields = { position, type: 'inbox.taken', circles: ['c'], bytes: pack(event), event };
  return { time, record: { ...fields, ...(reason && { void: reason }) }, event };
}

function expected(lines: readonly PassedRecord[]): object {
  const records = lines.map(({ record, time, event }) => {
    const fields = [record.position, time, event];
    return record.void === undefined ? fields : [...fields, record.void];
  });
  return { jsonrpc: '2.0', method: 'log.records', params: { ...envelope, records } };
}

const anyLine = fc
  .tuple(
    plainObject,
    fc.oneof(fc.nat(), fc.constantFrom(2 ** 32 - 1, 2 ** 32), fc.maxSafeInteger().map(Math.abs)),
    fc.oneof(fc.constant(0), fc.integer({ min: 1e12, max: 2e12 })),
    fc.option(fc.constantFrom('duplicate', 'ask_closed', 'r'.repeat(40)), { nil: undefined }),
  )
  .map(([data, position, time, reason]) => lineOf(data, position, time, reason));

t.test('any events at any position come out of both encodings as they went in', async () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 20 }), lines => {
      for (const encoding of ['json', 'msgpack'] as const) {
        assert.deepEqual(framed(encoding, lines), expected(lines));
      }
    }),
  );
});

t.test('any number of records fits', async t => {
  const line = lineOf({}, 4096, 1_700_000_000_000);
  for (const count of [0, 1, 15, 16, 17, 65_535, 65_536]) {
    const lines = Array(count).fill(line);
    t.strictSame(framed('msgpack', lines), expected(lines), `${count}`);
  }
});

t.test('the bytes of the event are the bytes in the log', async t => {
  const line = lineOf({ text: 'Grüße' }, 1, 2);
  const { bytes } = encodeFrame('msgpack', envelope, [line]);
  t.ok(Buffer.from(bytes).includes(Buffer.from(line.record.bytes)));
});
