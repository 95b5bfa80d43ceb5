// From whatever a verb threw to an exit code and a message that says what to do next.
import { ClientError, RefusalError } from '../errors.js';
import { exits, Failure, PipeClosed, refused } from './exit.js';

interface Reader {
  stderr: { write(text: string): unknown };
  json: boolean;
}

/** Tells the person or script why the run ended, and gives the code to exit with. */
export function endWith(error: unknown, { stderr, json }: Reader): number {
  // Nobody reads any more: that is the reader's choice and no fault.
  if (error instanceof PipeClosed) return exits.ok;
  const failure = failureOf(error);
  const { message, hint, refusal, exit } = failure;
  if (json) {
    const told = { message, ...(refusal && { refusal }), ...(hint && { hint }), exit: exits[exit] };
    stderr.write(`${JSON.stringify({ error: told })}\n`);
  } else {
    const lines = [`signalbox: ${message}`, ...(hint ? [`  ${hint}`] : [])];
    stderr.write(`${lines.join('\n')}\n`);
  }
  return exits[exit];
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof RefusalError) return refused(error.refusal, error.message, hintFor(error));
  if (error instanceof ClientError) {
    const isGone = error.code === 'unreachable' || error.code === 'timeout';
    return new Failure(isGone ? 'unreachable' : 'failed', error.message);
  }
  return new Failure('failed', error instanceof Error ? error.message : String(error));
}

interface Candidate {
  peer: string;
  name: string;
  circle: string;
  status: string;
}

function hintFor({ refusal, data }: RefusalError): string | undefined {
  if (Array.isArray(data.candidates) && data.candidates.length > 0) {
    const rows = data.candidates as Candidate[];
    const lines = rows.map(row => `${row.peer}  ${row.name}  ${row.circle}  ${row.status}`);
    return ['address one of these by its id, or by its name with --circle:', ...lines].join('\n  ');
  }
  if (refusal === 'peer_unknown') return 'see who is there: signalbox peers --all';
  if (refusal === 'ask_unknown') return 'see your asks: signalbox asks';
  if (refusal === 'unauthorized') return 'see what is wrong: signalbox doctor';
  return undefined;
}
