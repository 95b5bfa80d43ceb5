// The far end of a program of the bench: answers its starter, and ends when it does.
import type { Program } from './programs.js';

interface Ask {
  id: number;
  name: string;
  detail: never;
}

/** Answers asks by name until the starter hangs up; then runs `end` and leaves. */
export function serve(program: Program, end: () => Promise<void>): void {
  const known: Program = { ...program, cpu: cpuMs };
  process.on('message', async ({ id, name, detail }: Ask) => {
    try {
      process.send?.({ id, value: await known[name]?.(detail) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.once('disconnect', async () => {
    await end();
    process.exit();
  });
  // A Ctrl-C reaches the whole group; the starter decides what follows.
  process.on('SIGINT', () => {});
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
