// Command ids as fast as a generator needs them: the time, a chance per process, and a count.
import { randomInt } from 'node:crypto';

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** Makes uuid v7s, all different. */
export function idMaker(): () => string {
  const chance = `-7${hex(randomInt(0x1000), 3)}-8${hex(randomInt(0x1000), 3)}-`;
  let count = 0;
  let time = 0;
  let prefix = '';
  return () => {
    const now = Date.now();
    if (now !== time) {
      time = now;
      const all = hex(now, 12);
      prefix = `${all.slice(0, 8)}-${all.slice(8)}${chance}`;
    }
    return prefix + hex(++count, 12);
  };
}
