// A program of the bench in a process of its own, as the one who started it sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Program, Settled } from './programs.js';

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Longer than the longest run. */
const ANSWER_MS = 900_000;

export class Child<P extends Program> {
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private count = 0;

  /** `path` as in `hosts/pipe.js`; a CPU profile is written to `profileDir` when it ends. */
  constructor(path: string, profileDir?: string) {
    const name = `${path.replace(/\W/g, '-')}-${process.pid}.cpuprofile`;
    this.process = fork(new URL(path, import.meta.url), {
      execArgv: profileDir
        ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}`]
        : [],
    });
    this.process.on('message', (answer: Answer) => this.settle(answer));
    this.process.once('exit', code => this.gone(path, code));
  }

  /** Rejects with what the program threw, or when it ended. */
  ask<N extends keyof P & string>(
    name: N,
    detail: Parameters<P[N]>[0],
  ): Promise<Awaited<ReturnType<P[N]>>> {
    return this.send(name, detail) as Promise<Awaited<ReturnType<P[N]>>>;
  }

  /** CPU time it has used so far, in ms. */
  cpuMs(): Promise<number> {
    return this.send('cpu', undefined) as Promise<number>;
  }

  /** Its memory once it has collected its garbage. */
  settled(): Promise<Settled> {
    return this.send('settled', undefined) as Promise<Settled>;
  }

  get pid(): number {
    return this.process.pid!;
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    if (this.process.connected) this.process.disconnect();
    await exit;
  }

  /** Ends it at once, whatever it is at: no profile is written. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    await once(this.process, 'exit');
  }

  private async send(name: string, detail: unknown): Promise<unknown> {
    const id = ++this.count;
    const late = setTimeout(() => {
      this.settle({ id, error: `no answer to ${name} within ${ANSWER_MS} ms` });
    }, ANSWER_MS);
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        this.process.send({ id, name, detail });
      });
    } finally {
      clearTimeout(late);
    }
  }

  private settle({ id, value, error }: Answer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  private gone(path: string, code: number | null): void {
    for (const { reject } of this.waiting.values()) reject(new Error(`${path} ended (${code})`));
    this.waiting.clear();
  }
}
