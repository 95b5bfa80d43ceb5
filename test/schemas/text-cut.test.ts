// Truncation: never through a surrogate pair.
import t from 'tap';
import { firstChars } from '../../schemas/text-cut.js';

t.test('a text is cut before a character that would be halved', async t => {
  t.equal(firstChars('🚂🚃', 3), '🚂');
  t.equal(firstChars('🚂🚃', 4), '🚂🚃');
  t.equal(firstChars('ab', 3), 'ab');
  t.equal(firstChars('🚂', 0), '');
});
