// The end of a turn of the loop, shared by all sockets: what was asked for runs once, together.

export interface Turns {
  /** Runs the task once the input of this turn has been dealt with. */
  atEnd(task: () => void): void;
}

/** What a task throws is told to `onFault`, and keeps no other from running. */
export function createTurns(onFault: (error: unknown) => void): Turns {
  let tasks: (() => void)[] = [];
  const run = (): void => {
    const now = tasks;
    tasks = [];
    for (const task of now) {
      try {
        task();
      } catch (error) {
        onFault(error);
      }
    }
  };
  return {
    atEnd(task) {
      if (tasks.push(task) === 1) setImmediate(run);
    },
  };
}
