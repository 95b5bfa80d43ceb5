// What the person or script sees: data on stdout, messages on stderr, colours only for a terminal.
import pc from 'picocolors';
import { limits } from '../../schemas/limits.js';
import { Failure, PipeClosed } from './exit.js';
import { safeText } from './safe.js';
import { span } from './times.js';
import { why } from './why.js';
import { columnsOf, cut, fitted, fittedText } from './width.js';

export type Format = 'people' | 'json' | 'jsonl';

/** Where a run of the command line writes. */
export interface Terminal {
  readonly format: Format;
  readonly paint: ReturnType<typeof pc.createColors>;
  /** Characters of a line; unbounded when stdout is no terminal. */
  readonly width: number;
  /** Writes lines of data. Throws PipeClosed when nobody reads, a Failure on a full disk. */
  out(...lines: string[]): Promise<void>;
  /** One thing: its JSON for a script, the lines for people. */
  one(value: unknown, people: () => string[]): Promise<void>;
  /**
   * Several things: `{rows}` with what else is known of them, one JSON line each, or the lines for
   * people. That there are none is said, as `none` has it, where it is not data.
   */
  many(
    rows: readonly unknown[],
    people: () => string[],
    none: string,
    more?: object,
  ): Promise<void>;
  /** A message beside the data. */
  say(line: string): void;
  /** What to do next, for people only. */
  hint(line: string): void;
  /** Another peer's text as it may be shown here: bare for a pipe, harmless for a terminal. */
  text(text: string): string;
  /** Waits for the work and says so once it takes longer than a second. */
  during<T>(what: string, work: Promise<T>): Promise<T>;
}

/** The terminal, pipe or file behind the streams of this process. */
export function openTerminal(streams: {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  format: Format;
}): Terminal {
  const { stdout, stderr, env, format } = streams;
  const width = columnsOf(stdout, env);
  // Who started us may close either pipe at any time; a write then fails, and that is enough.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  const out = (...lines: string[]) =>
    lines.length === 0 ? Promise.resolve() : write(stdout, lines);
  const say = (text: string) => {
    const erased = isDrawn ? '\r\x1b[K' : '';
    stderr.write(`${erased}${fittedText(text, columnsOf(stderr, env))}\n`);
  };
  const show = (lines: readonly string[]) => out(...lines.flatMap(line => fitted(line, width)));
  return {
    format,
    paint: pc.createColors(isColourful(stdout, env)),
    width,
    out,
    one: (value, people) => (format === 'people' ? show(people()) : out(JSON.stringify(value))),
    many: (rows, people, none, more = {}) => {
      if (format === 'json') return out(JSON.stringify({ rows, ...more }));
      if (rows.length === 0) say(none);
      return format === 'jsonl' ? out(...rows.map(row => JSON.stringify(row))) : show(people());
    },
    say,
    hint: line => {
      if (format === 'people' && stderr.isTTY) say(line);
    },
    text: text => (stdout.isTTY ? safeText(text) : text),
    during: (what, work) => watched(stderr, env, what, work),
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

/** As https://no-color.org and its counterpart have it; who says no is heard first. */
function isColourful(stdout: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stdout.isTTY === true && env.TERM !== 'dumb';
}

/** Whether a line of progress stands where the next message would be written. */
let isDrawn = false;

async function watched<T>(
  stderr: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  what: string,
  work: Promise<T>,
): Promise<T> {
  const isAlive = stderr.isTTY && env.TERM !== 'dumb';
  let seconds = 0;
  const tick = () => {
    seconds += limits.cli_patience_ms / 1_000;
    const line = cut(`${what} … ${span(seconds)}`, columnsOf(stderr, env) - 1);
    isDrawn = isAlive;
    if (isAlive) stderr.write(`\r\x1b[K${line}`);
    else if (seconds === 1) stderr.write(`${what} …\n`);
  };
  const timer = setInterval(tick, limits.cli_patience_ms);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (isDrawn) stderr.write('\r\x1b[K');
    isDrawn = false;
  }
}
