// A fault of our own: what its caller is told, and what the log is told of its cause.
import { type Refusal, refuse } from '../../schemas/refusal.js';

/** For a call that failed inside the broker, which lives on. */
export function internal(): Refusal {
  return refuse('internal', 'The broker failed at this call; tell the operator, its log says why.');
}

/** The cause as the log has it: where it happened, with its reason. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  return error.stack ?? `${error.name}: ${error.message}`;
}

/** Tells `say` of a fault's cause, and gives what a call that met it is answered. */
export function faultsTo(say: (line: string) => void): (error: unknown) => Refusal {
  return error => {
    say(`something failed inside the broker: ${causeOf(error)}`);
    return internal();
  };
}

const mistakes = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError];

/** True for what only a mistake in our code throws; a store that is away rejects otherwise. */
export function isMistake(error: unknown): boolean {
  return !(error instanceof Error) || mistakes.some(kind => error instanceof kind);
}
