// From whatever a verb threw to an exit code and a message that says what to do next.
import { CommanderError } from 'commander';
import type { RefusalName } from '../../schemas/refusal.js';
import { ClientError, RefusalError } from '../sdk/errors.js';
import { exits, Failure, PipeClosed, refused } from '../terminal/exit.js';
import { paramsOf, refusalText, voidText } from '../terminal/refusal-text.js';
import { isSystemError } from '../terminal/why.js';
import { columnsOf, fittedText } from '../terminal/width.js';
import { Misuse } from './misuse.js';

interface Reader {
  stderr: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  json: boolean;
  /** Whether to show where the error came from. */
  isDebug?: boolean;
  /** How this program is called from where the shell stands. */
  self?: string;
}

/** Tells the person or script why the run ended, and gives the code to exit with. */
export function endWith(error: unknown, reader: Reader): number {
  const { stderr, env, json, isDebug, self = 'signalbox' } = reader;
  // Nobody reads any more: that is the reader's choice and no fault.
  if (error instanceof PipeClosed) return exits.ok;
  // A verb was missing: the help that was printed is all there is to say.
  if (error instanceof CommanderError && error.code === 'commander.help') return exits.usage;
  if (isDebug && error instanceof Error) stderr.write(`${error.stack}\n`);
  const failure = failureOf(error);
  const { message, refusal, exit } = failure;
  // At a terminal it is pasted, also from a clone, where no `signalbox` is on the PATH.
  const called = stderr.isTTY ? self : 'signalbox';
  const hint = failure.hint?.replace(/\bsignalbox (?=[a-z])/g, () => `${called} `);
  if (json) {
    const told = { message, ...(refusal && { refusal }), ...(hint && { hint }), exit: exits[exit] };
    stderr.write(`${JSON.stringify({ error: told })}\n`);
  } else {
    const lines = [`signalbox: ${message}`, ...(hint ? [`  ${hint}`] : [])];
    stderr.write(`${fittedText(lines.join('\n'), columnsOf(stderr, env))}\n`);
  }
  return exits[exit];
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof RefusalError) return failureOfRefusal(error);
  if (error instanceof ClientError) {
    const isGone = error.code === 'unreachable' || error.code === 'timeout';
    return new Failure(isGone ? 'unreachable' : 'failed', error.message);
  }
  if (error instanceof CommanderError) return misused(error);
  if (!(error instanceof Error)) return new Failure('failed', String(error));
  // A plain Error was written for people; others come from a fault in the program.
  const isForeseen = error.constructor === Error || isSystemError(error) || 'code' in error;
  if (isForeseen && error.message !== '') return new Failure('failed', error.message);
  return new Failure('failed', `something went wrong inside signalbox: ${error.message}`, {
    hint: 'SIGNALBOX_LOG=debug shows where; please report it with that',
  });
}

const OLD = 'start it again in this version: signalbox down, then signalbox up';

/** A command that lost to another in the log is told by the reason of its void. */
function failureOfRefusal(error: RefusalError): Failure {
  const { void: reason } = error.data;
  if (typeof reason === 'string') return refused(reason, voidText(reason));
  // Told as `invalid`, like a misspelt method; we misspell none.
  if (/^There is no such method\b/.test(error.message)) {
    return refused(
      'method_unknown',
      'the broker is of an older version, which cannot do this',
      OLD,
    );
  }
  return refused(error.refusal, refusalText(error), hintFor(error));
}

/** What cannot be parsed: the words of the parser without its label. */
function misused(error: CommanderError): Failure {
  const verb = error instanceof Misuse ? error.verb : '';
  const said = error.message.replace(/^error: /, '').replace(/\n\((.*)\)$/, '; $1');
  const help =
    verb === '' ? 'see all verbs: signalbox help' : `see how it is used: signalbox help ${verb}`;
  const isOption = error.code === 'commander.unknownOption' && verb !== '';
  return new Failure('usage', said.replace('; Did', '. Did'), {
    hint: isOption ? `${help}   (words that begin with - go behind a --)` : help,
  });
}

interface Candidate {
  peer: string;
  name: string;
  circle: string;
  status: string;
}

const hints: { [Name in RefusalName]?: string } = {
  peer_unknown: 'see who is there: signalbox peers --all',
  ask_unknown: 'see your asks: signalbox asks',
  option_unknown: 'see what there is to choose from: signalbox inbox --no-ack, or asks --in',
  job_unknown: 'see what there is: signalbox job list --all',
  schedule_unknown: 'see what there is: signalbox schedule list --all',
  review_unknown: 'see what there is: signalbox review queue --all',
  budget_spent: 'see what was used: signalbox usage',
  unauthorized: 'see what is wrong: signalbox doctor',
  forbidden: 'see what you may do: signalbox whoami',
  circle_forbidden: 'see what you may do: signalbox whoami',
  token_unknown: 'see what there is: signalbox token list',
  message_unknown: 'see what happened: signalbox tail --from 1h --no-follow',
  inbox_full: 'see how much waits for whom: signalbox peers --all',
  too_large: 'send less, or put it in a file that the other can read: --attach FILE',
  unavailable: 'see how the broker is: signalbox doctor',
};

function hintFor(error: RefusalError): string | undefined {
  const { refusal, data } = error;
  if (Array.isArray(data.candidates) && data.candidates.length > 0) {
    const rows = data.candidates as Candidate[];
    const lines = rows.map(row => `${row.peer}  ${row.name}  ${row.circle}  ${row.status}`);
    return ['address one of these by its id, or by its name with --circle:', ...lines].join('\n  ');
  }
  if (refusal === 'job_state') return `see how it stands: signalbox job show ${jobOf(error)}`;
  if (refusal === 'lease_stale') return `see who works on it: signalbox job show ${jobOf(error)}`;
  return hints[refusal];
}

/** Whole, as it can be typed anywhere. */
function jobOf(error: RefusalError): string {
  const { job } = (paramsOf(error) ?? {}) as { job?: unknown };
  return typeof job === 'string' ? job : 'JOB';
}
