// An agent in a terminal: tmux with a socket of its own, keys typed, its screen read.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { quoted } from '../../../client/terminal/paste.js';
import { until } from '../../dsl/until.js';

/** Between the text and the key that sends it: what comes at once is taken for a paste. */
const TYPED_MS = 1_000;
const LOOK_MS = 100;
const LOOKS = 900;

export function hasTmux(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}

export class Terminal {
  readonly #socket: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(
    words: readonly string[],
    { cwd, env, socket }: { cwd: string; env: NodeJS.ProcessEnv; socket: string },
  ) {
    this.#socket = socket;
    this.#env = env;
    const given = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const line = ['env', '-i', ...given, ...words].map(quoted).join(' ');
    const size = ['-x', '120', '-y', '50'];
    const { stderr, status } = this.#tmux('new-session', '-d', ...size, '-c', cwd, line);
    if (status !== 0) throw new Error(`tmux: ${stderr}`);
  }

  screen(): string {
    return this.#tmux('capture-pane', '-p').stdout;
  }

  /** Resolves when the screen shows it; a wait in vain tells the screen. */
  async sees(pattern: RegExp): Promise<void> {
    const rest = () => pause(LOOK_MS);
    const look = () => pattern.test(this.screen());
    await until(look, { what: String(pattern), rest, looks: LOOKS }).catch(error => {
      throw new Error(`${error.message}; the screen:\n${this.screen()}`);
    });
  }

  async type(text: string): Promise<void> {
    this.#tmux('send-keys', '-l', text);
    await pause(TYPED_MS);
    this.press('Enter');
  }

  press(key: string): void {
    this.#tmux('send-keys', key);
  }

  /** The process of the first program in it. */
  get pid(): number {
    return Number(this.#tmux('list-panes', '-F', '#{pane_pid}').stdout);
  }

  /** Ends the session and all that it has started. */
  close(): void {
    const { pid } = this;
    this.#tmux('kill-server');
    try {
      if (pid > 1) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    rmSync(this.#socket, { force: true });
  }

  #tmux(...words: string[]) {
    const all = ['-S', this.#socket, '-f', '/dev/null', ...words];
    return spawnSync('tmux', all, { encoding: 'utf8', env: this.#env });
  }
}
