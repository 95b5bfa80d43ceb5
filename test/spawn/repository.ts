// A real git repository for tests, with a remote beside it, and none of the user's settings.
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { tempDir } from '../dsl/nats.js';

const IDENTITY = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org'];

/** Files and commits of one repository. */
export class Repository {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** A repository with one commit on `main`, in a folder of its own. */
  static async make(t: Test, name = 'shop', ...more: string[]): Promise<Repository> {
    // No settings of whoever runs the tests.
    Object.assign(process.env, { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' });
    const path = join(realpathSync(await tempDir(t)), name);
    mkdirSync(path);
    const made = new Repository(path);
    made.git('init', '--quiet', '--initial-branch=main', ...more);
    if (more.length === 0) made.commit('one', { 'a.txt': 'a\n', '.gitignore': 'build/\n*.env\n' });
    return made;
  }

  /** Runs git here, or in another folder of it. */
  git(...words: string[]): string {
    return this.gitIn(this.path, ...words);
  }

  gitIn(cwd: string, ...words: string[]): string {
    const options: ExecFileSyncOptionsWithStringEncoding = {
      ...{ cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    };
    return execFileSync('git', [...IDENTITY, ...words], options).trim();
  }

  write(files: Record<string, string>, cwd = this.path): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
  }

  commit(message: string, files: Record<string, string>, cwd = this.path): void {
    this.write(files, cwd);
    this.gitIn(cwd, 'add', '--all', '--', ...Object.keys(files));
    this.gitIn(cwd, 'commit', '--quiet', '-m', message);
  }

  /** A bare repository beside it, to which `main` is pushed. */
  addRemote(): string {
    const remote = join(dirname(this.path), 'remote.git');
    this.git('clone', '--quiet', '--bare', this.path, remote);
    this.git('remote', 'add', 'origin', remote);
    this.git('push', '--quiet', 'origin', 'main');
    return remote;
  }
}
