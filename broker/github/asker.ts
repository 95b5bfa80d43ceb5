// Puts one question to GitHub, unless there is no token or GitHub asked to be left alone.
import { limits } from '../../schemas/limits.js';
import { type PullAddress, readPrUrl } from '../../schemas/pr-url.js';
import type { Clock } from '../system/clock.js';
import { call, type Fetch, type Reply } from './call.js';
import { quietAsked } from './quiet.js';

export interface AskerParts {
  /** Undefined: there is none, and GitHub is not asked at all. */
  token(): Promise<string | undefined>;
  clock: Clock;
  /** Told once of what stays the same; never told the token. */
  onWarning(line: string): void;
  fetch?: Fetch;
  /** How long one call may take, shorter than `limits` in tests. */
  callMs?: number;
}

export interface Asker {
  /** Undefined when it was not asked, or answered nothing to the question. Never rejects. */
  get(url: string, etag: string | undefined): Promise<Reply | 'failed' | undefined>;
  /** Ends the calls under way, and makes no more. */
  close(): void;
}

export function createAsker(parts: AskerParts, base: string): Asker {
  const { clock, fetch = globalThis.fetch, callMs = limits.github_call_ms } = parts;
  const underWay = new Set<AbortController>();
  const mood = createMood(parts);
  let isClosed = false;

  return {
    async get(url, etag) {
      const ending = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      try {
        const pull = readPrUrl(url)?.github;
        const token = await parts.token();
        if (!pull || !token || isClosed || mood.isQuiet()) return undefined;
        underWay.add(ending);
        timer = setTimeout(() => ending.abort(), callMs);
        const reply = await call(fetch, addressOf(base, pull), head(token, etag), ending.signal);
        return mood.hear(reply, clock.now());
      } catch {
        // The error is not passed on: it may hold the head, and the head holds the token.
        if (!isClosed) mood.warn('GitHub cannot be reached; reviews may show as unknown.');
        return 'failed';
      } finally {
        clearTimeout(timer);
        underWay.delete(ending);
      }
    },
    close() {
      isClosed = true;
      for (const ending of underWay) ending.abort();
    },
  };
}

/** What GitHub's answers say beside the point: whether it wants to be asked at all. */
function createMood({ clock, onWarning }: AskerParts) {
  let quietUntil = Number.NEGATIVE_INFINITY;
  let warned = '';

  function warn(line: string): void {
    if (line !== warned) onWarning(line);
    warned = line;
  }

  function beQuiet(ms: number, line: string): undefined {
    quietUntil = Math.max(quietUntil, clock.elapsed() + ms);
    warn(line);
    return undefined;
  }

  return {
    warn,
    isQuiet: () => clock.elapsed() < quietUntil,
    /** The reply, unless it puts the question off: what was not answered is asked again. */
    hear(reply: Reply, now: number): Reply | undefined {
      const { status, headers } = reply;
      const quiet = quietAsked(status, headers, now);
      const isAnswer = status === 200 || status === 304;
      if (status === 401) {
        const line = 'GitHub refused the token; give the broker a new GITHUB_TOKEN.';
        return beQuiet(quiet ?? limits.github_quiet_ms, line);
      }
      if (quiet !== undefined) {
        beQuiet(quiet, 'GitHub asked for a pause; reviews may show as unknown.');
        return isAnswer ? reply : undefined;
      }
      if (status >= 500) warn(`GitHub answered ${status}; reviews may show as unknown.`);
      if (isAnswer) warned = '';
      return reply;
    },
  };
}

function addressOf(base: string, { owner, repo, number }: PullAddress): string {
  return `${base}/repos/${owner}/${repo}/pulls/${number}`;
}

function head(token: string, etag: string | undefined): Record<string, string> {
  return {
    Authorization: `Bearer ${token}`,
    Accept: 'application/vnd.github+json',
    'X-GitHub-Api-Version': '2022-11-28',
    'User-Agent': 'signalbox',
    ...(etag === undefined ? {} : { 'If-None-Match': etag }),
  };
}
