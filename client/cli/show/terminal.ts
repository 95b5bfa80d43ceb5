// What the person or script sees: data on stdout, messages on stderr, colours only for a terminal.
import pc from 'picocolors';
import { limits } from '../../../schemas/limits.js';
import { Failure, PipeClosed } from '../exit.js';
import { why } from '../reach/why.js';
import { safeText } from './safe.js';
import { span } from './times.js';

export type Format = 'people' | 'json' | 'jsonl';

export interface Terminal {
  readonly format: Format;
  readonly paint: ReturnType<typeof pc.createColors>;
  /** Characters of a line; unbounded when stdout is no terminal. */
  readonly width: number;
  /** Writes lines of data. Throws PipeClosed when nobody reads, a Failure on a full disk. */
  out(...lines: string[]): Promise<void>;
  /** One thing: its JSON for a script, the lines for people. */
  one(value: unknown, people: () => string[]): Promise<void>;
  /** Several things: a JSON array, one JSON line each, or the lines for people. */
  many(rows: readonly unknown[], people: () => string[]): Promise<void>;
  /** A message beside the data. */
  say(line: string): void;
  /** What to do next, for people only. */
  hint(line: string): void;
  /** Another peer's text as it may be shown here: bare for a pipe, harmless for a terminal. */
  text(text: string): string;
  /** Waits for the work and says so once it takes longer than a second. */
  during<T>(what: string, work: Promise<T>): Promise<T>;
}

export function openTerminal(streams: {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  format: Format;
}): Terminal {
  const { stdout, stderr, env, format } = streams;
  const colourful = stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb';
  // Who started us may close either pipe at any time; a write then fails, and that is enough.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  const out = (...lines: string[]) =>
    lines.length === 0 ? Promise.resolve() : write(stdout, lines);
  const say = (line: string) => void stderr.write(`${line}\n`);
  return {
    format,
    paint: pc.createColors(colourful),
    // A terminal that does not know its width says 0.
    width: (stdout.isTTY && stdout.columns) || Number.POSITIVE_INFINITY,
    out,
    one: (value, people) => (format === 'people' ? out(...people()) : out(JSON.stringify(value))),
    many: (rows, people) => {
      if (format === 'people') return out(...people());
      return format === 'jsonl'
        ? out(...rows.map(row => JSON.stringify(row)))
        : out(JSON.stringify(rows));
    },
    say,
    hint: line => {
      if (format === 'people' && stderr.isTTY) say(line);
    },
    text: text => (stdout.isTTY ? safeText(text) : text),
    during: (what, work) => watched(stderr, what, work),
  };
}

function write(stdout: NodeJS.WriteStream, lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(`${lines.join('\n')}\n`, error => (error ? reject(unwritten(error)) : resolve()));
  });
}

function unwritten(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE') return new PipeClosed();
  return new Failure('failed', `cannot write the output: ${why(error)}`);
}

async function watched<T>(stderr: NodeJS.WriteStream, what: string, work: Promise<T>): Promise<T> {
  let seconds = 0;
  const tick = () => {
    seconds += limits.cli_patience_ms / 1_000;
    if (stderr.isTTY) stderr.write(`\r\x1b[K${what} … ${span(seconds)}`);
    else if (seconds === 1) stderr.write(`${what} …\n`);
  };
  const timer = setInterval(tick, limits.cli_patience_ms);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (stderr.isTTY && seconds > 0) stderr.write('\r\x1b[K');
  }
}
