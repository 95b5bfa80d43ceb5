// How a run ends that nobody foresaw: by a signal, a closed pipe, or an error that nobody caught.
const SIGNAL_EXIT = 128;
const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Ends the process at once and in silence, unless the verb itself tidies up at that signal. */
export function endOnSignals(stderr: NodeJS.WriteStream): void {
  for (const [signal, number] of Object.entries(signals)) {
    const name = signal as keyof typeof signals;
    process.on(name, () => {
      // A verb that listens once hears the first; the second ends it here.
      if (process.listenerCount(name) > 1) return;
      if (stderr.isTTY && process.env.TERM !== 'dumb') stderr.write('\r\x1b[K');
      process.exit(SIGNAL_EXIT + number);
    });
  }
}

/** Hands what nobody caught to `end`, whose answer is the exit code. */
export function endOnErrors(end: (error: unknown) => number): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      // A broker that runs in this process ends itself in its own way.
      if (process.listenerCount(event) === 1) process.exit(end(error));
    });
  }
}
