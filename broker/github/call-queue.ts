// Lets a few questions through at a time, each once, however many wait for its answer.
import { limits } from '../../schemas/limits.js';

interface Turn {
  key: string;
  /** When the last who waits for it gives up. */
  until: number;
  done: Promise<void>;
  end(): void;
}

/**
 * `run`, which never rejects, at most `limits.github_open_calls` times at once. What it returns
 * resolves when the question was asked, or will not be: nobody waits any longer, or too many do.
 */
export function createTurnstile(run: (key: string) => Promise<void>, elapsed: () => number) {
  const turns = new Map<string, Turn>();
  const waiting: Turn[] = [];
  let open = 0;

  function leave(turn: Turn): void {
    turns.delete(turn.key);
    turn.end();
  }

  function advance(): void {
    while (open < limits.github_open_calls) {
      const turn = waiting.shift();
      if (turn === undefined) return;
      if (turn.until <= elapsed()) {
        leave(turn);
        continue;
      }
      open++;
      void run(turn.key).then(() => {
        open--;
        leave(turn);
        advance();
      });
    }
  }

  return (key: string, until: number): Promise<void> => {
    const known = turns.get(key);
    if (known) {
      known.until = Math.max(known.until, until);
      return known.done;
    }
    if (waiting.length >= limits.github_waiting_calls) return Promise.resolve();
    let end = () => {};
    const done = new Promise<void>(resolve => {
      end = resolve;
    });
    const turn: Turn = { key, until, done, end };
    turns.set(key, turn);
    waiting.push(turn);
    advance();
    return done;
  };
}
