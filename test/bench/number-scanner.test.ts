// Numbers found in a stream of bytes: none is missed, whatever pieces it comes in.
import t from 'tap';
import { NumberScanner } from '../../bench/load/number-scanner.js';
import { numberedText, withNumber } from '../../bench/load/stencil.js';

const text = numberedText(20);
const told = (...numbers: number[]) =>
  Buffer.from(numbers.map(number => `#{"${withNumber(text, number)}"`).join('#12345678'));

t.test('numbers are found in pieces of any size', async t => {
  const bytes = told(0, 1, 2, 3, 4);
  for (let size = 1; size <= bytes.length; size++) {
    const scanner = new NumberScanner(0);
    const found: number[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      scanner.scan(bytes.subarray(at, at + size), number => found.push(number));
    }
    if (found.join() !== '0,1,2,3,4') t.fail(`pieces of ${size}: ${found.join()}`);
  }
  t.pass();
});

t.test('what is lost, doubled or out of order is counted', async t => {
  const scanner = new NumberScanner(7);
  scanner.scan(told(7, 8, 8, 11, 10, 3));
  t.same(scanner.faults(13), { refused: 0, lost: 2, doubled: 1, reordered: 1 });
});
