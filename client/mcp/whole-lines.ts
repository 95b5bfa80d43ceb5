// Lines of a stream, each whole or not at all: one that is too long costs its sender that line.
import { Transform } from 'node:stream';

const NEWLINE = 10;

/**
 * Passes on whole lines of at most `most_bytes`; `dropped` hears of every other one. What reads
 * behind it would give up the whole stream for a line that is too long.
 */
export function wholeLines(most_bytes: number, dropped: () => void): Transform {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= most_bytes) parts.push(part);
    else parts = [];
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        take(chunk.subarray(from, at + 1));
        if (bytes > most_bytes) dropped();
        else this.push(Buffer.concat(parts));
        [parts, bytes, from] = [[], 0, at + 1];
      }
      take(chunk.subarray(from));
      done();
    },
  });
}
