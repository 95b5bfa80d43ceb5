// Framing and the walk are held in both encodings; same-answers.test.ts holds every method to both.
import { type Test, test } from 'tap';
import { type Encoding, encodings } from './raw-client.js';

export function inEach(rule: string, body: (t: Test, encoding: Encoding) => Promise<void>): void {
  for (const encoding of encodings) test(`in ${encoding}: ${rule}`, t => body(t, encoding));
}
