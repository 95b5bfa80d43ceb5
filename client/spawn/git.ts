// Git as a child process: no environment of the caller's, no hooks, no prompts, a time-out.
import { execFile } from 'node:child_process';
import { clientLimits as limits } from '../../schemas/limits-client.js';

/** How a call of git ended. */
export interface GitDone {
  /** 0 for good; 128 and others as git has them; undefined where it was ended, or is not there. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** A call of git that failed. */
export class GitError extends Error {
  readonly done: GitDone;

  constructor(words: readonly string[], done: GitDone) {
    const said = done.stderr.trim().replace(/\s+/g, ' ').slice(0, limits.git_said_chars);
    super(`git ${words[0] ?? ''}: ${said || 'it ended without a word'}`);
    this.done = done;
  }
}

/**
 * What every call is given. A file system monitor and hooks are programs that a repository names,
 * and a cache of untracked files or of unchanged ones may hide what is there.
 */
const SAFE = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.untrackedCache=false',
  'core.ignoreStat=false',
  'core.checkStat=default',
  'core.trustctime=true',
  'core.quotePath=false',
  'submodule.recurse=false',
  'status.submoduleSummary=false',
].flatMap(setting => ['-c', setting]);

/** The environment without what leads git elsewhere, as in a hook, where GIT_DIR is set. */
function cleanEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    // A look takes no lock, so it is in nobody's way.
    GIT_OPTIONAL_LOCKS: '0',
    // What stands in for a commit must not make another look merged.
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}

/** What a call may have of its own. */
interface GitCall {
  timeout_ms?: number;
  env?: Readonly<Record<string, string>>;
}

/** Runs git in a folder; however it ends, that is told. */
export function tryGit(
  cwd: string,
  words: readonly string[],
  { timeout_ms = limits.git_call_ms, env = {} }: GitCall = {},
): Promise<GitDone> {
  const options = {
    cwd,
    env: { ...cleanEnv(process.env), ...env },
    timeout: timeout_ms,
    killSignal: 'SIGKILL',
    maxBuffer: limits.git_answer_bytes,
    encoding: 'utf8',
  } as const;
  return new Promise(resolve => {
    const child = execFile('git', [...SAFE, ...words], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      const code = typeof error.code === 'number' ? error.code : undefined;
      resolve({ code, stdout, stderr: stderr || (code === undefined ? error.message : '') });
    });
    child.stdin?.end();
  });
}

/** Runs git in a folder; its stdout. Rejects with a GitError. */
export async function git(cwd: string, words: readonly string[], call?: GitCall): Promise<string> {
  const done = await tryGit(cwd, words, call);
  if (done.code !== 0) throw new GitError(words, done);
  return done.stdout;
}

/** The commit that a name means; undefined where it means none. */
export async function commitOf(cwd: string, name: string): Promise<string | undefined> {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { code, stdout } = await tryGit(cwd, words);
  return code === 0 ? stdout.trim() : undefined;
}

/** The parts of a text that ends each with NUL. */
export function partsOf(text: string): string[] {
  return text.split('\0').filter(part => part !== '');
}
