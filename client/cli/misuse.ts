// A wrong call, apart from all other ends: hooks have no parser of words to load.
import { CommanderError } from 'commander';

/** What was typed cannot be parsed; `verb` is whose help shows how it is. */
export class Misuse extends CommanderError {
  readonly verb: string;

  constructor({ exitCode, code, message }: CommanderError, verb: string) {
    super(exitCode, code, message);
    this.verb = verb;
  }
}
