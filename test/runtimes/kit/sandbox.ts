// A sandbox: a home, a place on PATH and work folders for one runtime, with nothing of the user's.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fields } from '../model/reading.js';

const START = fileURLToPath(new URL('../../../client/bundle/start.cjs', import.meta.url));
const FAULTY = new URL('faulty-hook.js', import.meta.url).href;

const REMOVALS = 50;
const REMOVAL_MS = 100;

export class Sandbox {
  readonly root = mkdtempSync(join(realpathSync(tmpdir()), 'sb-rt-'));
  readonly home = this.#folder('home');
  readonly bin = this.#folder('bin');

  constructor() {
    this.wire();
  }

  at(...steps: string[]): string {
    return join(this.root, ...steps);
  }

  /** `signalbox` on PATH is the bundle, as after an install. */
  wire(): void {
    rmSync(this.at('bin/signalbox'), { force: true });
    symlinkSync(START, this.at('bin/signalbox'));
  }

  /** A program of one word is on PATH, as after an install of its own. */
  link(name: string, [file, ...more]: readonly string[]): void {
    if (file !== undefined && more.length === 0) symlinkSync(file, join(this.bin, name));
  }

  /** `signalbox hook` on PATH is the bundle, and meets a fault that lies ready (`faulty-hook`). */
  wireFaulty(): void {
    rmSync(this.at('bin/signalbox'), { force: true });
    const node = `'${process.execPath}'`;
    const faulty = `[ "$1" = hook ] && exec ${node} --import '${FAULTY}' '${START}' "$@"`;
    const script = `#!/bin/sh\n${faulty}\nexec ${node} '${START}' "$@"\n`;
    writeFileSync(this.at('bin/signalbox'), script, { mode: 0o755 });
  }

  /** A path, a home and a proxy that leads nowhere; the broker keeps its cached tools. */
  env(proxy?: string): NodeJS.ProcessEnv {
    const { PATH = '', SIGNALBOX_NATS_SERVER, XDG_CACHE_HOME, HOME = '' } = process.env;
    const open = '127.0.0.1,localhost,::1';
    return {
      PATH: [this.bin, dirname(process.execPath), PATH].join(delimiter),
      HOME: this.home,
      TMPDIR: this.#folder('tmp'),
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      SHELL: '/bin/sh',
      ...(proxy === undefined
        ? {
            XDG_CACHE_HOME: XDG_CACHE_HOME ?? join(HOME, '.cache'),
            ...(SIGNALBOX_NATS_SERVER && { SIGNALBOX_NATS_SERVER }),
          }
        : { HTTPS_PROXY: proxy, https_proxy: proxy, NO_PROXY: open, no_proxy: open }),
    };
  }

  /** A work folder with a repository of its own, by whose name its sessions are known. */
  project(name: string): string {
    const folder = this.#folder('work', name);
    spawnSync('git', ['init', '-q', '-b', 'main'], { cwd: folder, env: this.env() });
    return folder;
  }

  write(file: string, content: string | object): void {
    mkdirSync(dirname(this.at(file)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    writeFileSync(this.at(file), text);
  }

  append(file: string, text: string): void {
    appendFileSync(this.at(file), text);
  }

  read(file: string): string {
    return readFileSync(this.at(file), 'utf8');
  }

  /** Makes a file of JSON over. */
  edit(file: string, change: (content: Fields) => object): void {
    this.write(file, change(JSON.parse(this.read(file))));
  }

  /** Ends daemons whose program lies within, which Codex may leave behind, and removes all. */
  remove(): void {
    for (const pid of pidsHere()) {
      if (programOf(pid).startsWith(`${this.root}${sep}`)) process.kill(pid, 'SIGKILL');
    }
    // Who is just ending may write once more: what came meanwhile is removed by the next try.
    for (let left = REMOVALS; !this.#isRemoved(left === 1); left--) pauseHere(REMOVAL_MS);
  }

  #isRemoved(isLast: boolean): boolean {
    try {
      rmSync(this.root, { recursive: true, force: true });
      return true;
    } catch (error) {
      if (isLast) throw error;
      return false;
    }
  }

  #folder(...steps: string[]): string {
    const path = join(this.root, ...steps);
    mkdirSync(path, { recursive: true });
    return path;
  }
}

function pauseHere(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function pidsHere(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isSafeInteger);
  } catch {
    return [];
  }
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}
