// A shell as a person has it open: what is typed runs, and everything it says is seen.
import { type ChildProcess, spawn } from 'node:child_process';

const DONE = '__the_block_is_done__';

export class TypedShell {
  said = '';
  readonly #shell: ChildProcess;
  readonly #watchers = new Set<() => void>();

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.#shell = spawn('bash', ['--norc', '-O', 'expand_aliases'], { cwd, env });
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
        for (const watch of this.#watchers) watch();
      });
    }
  }

  /** Types a block; what it said until it ended. */
  async type(text: string): Promise<string> {
    const from = this.said.length;
    this.#shell.stdin?.write(`${text}\necho ${DONE}\n`);
    await this.sees(DONE, from);
    return this.said.slice(from);
  }

  sees(wanted: string, from = 0): Promise<void> {
    return new Promise(resolve => {
      const watch = () => {
        if (!this.said.includes(wanted, from)) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  close(): void {
    this.#shell.kill('SIGKILL');
  }
}
