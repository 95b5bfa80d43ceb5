// One who asks the fake GitHub, with a clock that tests move and warnings that they read.
import type { Test } from 'tap';
import { createGitHub, type GitHub, type GitHubParts } from '../../broker/github/api.js';
import { TOKEN } from '../dsl/fake-github.js';
import { PATIENCE_MS } from '../dsl/until.js';

/** Only a hang would use it up. */
export const IN_TIME = PATIENCE_MS;

export const pullUrl = (number: number, repo = 'acme/app') =>
  `https://github.com/${repo}/pull/${number}`;

export interface Asking extends GitHub {
  warnings: string[];
  clock: { now(): number; elapsed(): number; pass(ms: number): void };
}

export function asking(
  t: Test,
  { url }: { url: string | undefined },
  more: Partial<GitHubParts> = {},
): Asking {
  const warnings: string[] = [];
  let elapsed = 0;
  const clock = {
    now: () => Date.UTC(2026, 0, 5) + elapsed,
    elapsed: () => elapsed,
    pass(ms: number) {
      elapsed += ms;
    },
  };
  const github = createGitHub({
    token: async () => TOKEN,
    apiUrl: url,
    clock,
    onWarning: line => void warnings.push(line),
    ...more,
  });
  t.teardown(() => github.close());
  return { ...github, warnings, clock };
}
