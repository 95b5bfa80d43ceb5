// Every rule of the protocol holds in both encodings, so every test of it is run in both.
import { type Test, test } from 'tap';
import { type Encoding, encodings } from './raw-client.js';

export function inEach(rule: string, body: (t: Test, encoding: Encoding) => Promise<void>): void {
  for (const encoding of encodings) test(`in ${encoding}: ${rule}`, t => body(t, encoding));
}
