// Parsing JetStream ack subjects: the sequence and the time of a delivered commit.
export interface Stamp {
  sequence: number;
  /** Milliseconds UTC, rounded down. */
  storedAt: number;
  /** The nanoseconds below `storedAt`; they tell two commits of one sequence apart. */
  nanos: number;
}

const dot = 46;
const zero = 48;
const prefix = '$JS.ACK.';
/** The older form has 8 dots before its end, the newer one 10 or 11. */
const olderDots = 8;
const nanosDigits = 6;

/** The stamp of a delivered commit; undefined for any other message (a heartbeat, a status). */
export function readStamp(reply: string | undefined): Stamp | undefined {
  if (!reply?.startsWith(prefix)) return undefined;
  // Counting first keeps this free of split and regex: it runs once for every commit ever read.
  let dots = 0;
  for (let at = 0; at < reply.length; at++) if (reply.charCodeAt(at) === dot) dots++;
  if (dots < olderDots) return undefined;
  const sequenceAt = afterDots(reply, dots === olderDots ? 5 : 7);
  const sequenceEnd = reply.indexOf('.', sequenceAt);
  const timeAt = reply.indexOf('.', sequenceEnd + 1) + 1;
  const timeEnd = reply.indexOf('.', timeAt);
  const millisEnd = timeEnd - nanosDigits;
  return {
    sequence: digits(reply, sequenceAt, sequenceEnd),
    storedAt: digits(reply, timeAt, millisEnd),
    nanos: digits(reply, millisEnd, timeEnd),
  };
}

function afterDots(text: string, count: number): number {
  let at = 0;
  for (let passed = 0; passed < count; passed++) at = text.indexOf('.', at) + 1;
  return at;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + text.charCodeAt(at) - zero;
  return value;
}
