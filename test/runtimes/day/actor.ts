// A session whose model plays a part: each answer waits for what has to be before it first.
import type { Answer, Turn } from '../model/fake-model.js';
import type { Program } from '../programs/program.js';

/** What a part of a play says next. */
export interface Step {
  /** Must stand before the model, wherever: what its user or its mail says. */
  told?: RegExp;
  /** Must stand in what tools have answered since the step before. */
  result?: RegExp;
  does(found: Found): Answer | Promise<Answer>;
  /** A result after which the step before is to be tried again, and how. */
  unless?: { result: RegExp; does(): Answer };
}

/** What stood before the model of both; what is not waited for is found empty. */
export interface Found {
  told: RegExpExecArray;
  result: RegExpExecArray;
}

const ANY = /^/;

/** Plays a part, step by step; where what the next one waits for is not there, it rests. */
export class Actor {
  readonly name: string;
  readonly program: Program;
  readonly turns: Turn[] = [];
  readonly #steps: Step[];
  readonly #count: number;
  /** How many results of tools it had been shown when it last answered with a step. */
  #read = 0;

  constructor(name: string, program: Program, steps: readonly Step[]) {
    this.name = name;
    this.program = program;
    this.#steps = [...steps];
    this.#count = steps.length;
  }

  get isDone(): boolean {
    return this.#steps.length === 0;
  }

  /** Where it stands, for who waits in vain. */
  get standing(): string {
    const last = resultsIn(this.turns.at(-1)).at(-1);
    const step = `${this.#count - this.#steps.length} of ${this.#count} steps`;
    return `${this.name}: ${step}, ${this.turns.length} turns, the last result: ${last}`;
  }

  answer(turn: Turn): Answer | Promise<Answer> {
    this.turns.push(turn);
    // A runtime that has just begun may not have our tools yet.
    if (!turn.tools.some(tool => tool.includes('signalbox'))) return this.program.shell('sleep 1');
    const [step] = this.#steps;
    if (step === undefined) return 'nothing is left to do';
    const results = resultsIn(turn);
    const fresh = results.slice(this.#read).join('\n');
    if (step.unless?.result.test(fresh)) {
      this.#read = results.length;
      return step.unless.does();
    }
    const told = (step.told ?? ANY).exec(textOf(turn));
    const result = (step.result ?? ANY).exec(fresh);
    if (told === null || result === null) return 'waiting for what comes';
    this.#steps.shift();
    this.#read = results.length;
    return step.does({ told, result });
  }
}

/** All that stands before a model but its own words. */
export function textOf({ shown }: Turn): string {
  const others = shown.filter(({ role }) => role !== 'model');
  return others.map(({ text }) => text).join('\n');
}

function resultsIn(turn: Turn | undefined): string[] {
  return (turn?.shown ?? []).filter(({ role }) => role === 'tool').map(({ text }) => text);
}
