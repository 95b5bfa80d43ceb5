// Conditional HTTP requests to GitHub: bounded, within its rate, the token for one server only.
import { limits } from '../../schemas/limits.js';
import { type PullAddress, readPrUrl } from '../../schemas/pr-url.js';
import type { Clock } from '../system/clock.js';

type Fetch = typeof globalThis.fetch;

export interface RequestParts {
  /** Undefined: there is none, and GitHub is not asked at all. */
  token(): Promise<string | undefined>;
  clock: Clock;
  /** Told once of what stays the same; never told the token. */
  onWarning(line: string): void;
  fetch?: Fetch;
  /** How long one call may take, shorter than `limits` in tests. */
  callMs?: number;
}

interface GitHubReply {
  status: number;
  headers: Headers;
  /** Empty unless the status is 200. */
  text: string;
}

export interface Requests {
  /**
   * Asks for the pull request at `url`, unless it is still what it was under `etag` (status 304).
   * Undefined when it was not asked, or answered nothing to the question. Never rejects.
   */
  get(url: string, etag: string | undefined): Promise<GitHubReply | 'failed' | undefined>;
  /** Ends the calls under way, and makes no more. */
  close(): void;
}

/** Requests to the API at `base`, which stands without a slash at its end. */
export function createRequests(parts: RequestParts, base: string): Requests {
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
function createMood({ clock, onWarning }: RequestParts) {
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
    hear(reply: GitHubReply, now: number): GitHubReply | undefined {
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

/** Rejects when the other side cannot be reached, says too much, or `signal` ends it. */
async function call(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<GitHubReply> {
  let at = url;
  for (let hops = 0; ; hops++) {
    const response = await fetch(at, { headers, signal, redirect: 'manual' });
    const next = nextHop(response, at);
    if (next === undefined || hops === limits.github_redirect_hops) return read(response);
    await response.body?.cancel();
    at = next;
  }
}

/** A repository that was renamed lies elsewhere on the same server; other servers get no token. */
function nextHop({ status, headers }: Response, from: string): string | undefined {
  const location = headers.get('location');
  if (![301, 302, 307, 308].includes(status) || location === null) return undefined;
  if (!URL.canParse(location, from)) return undefined;
  const next = new URL(location, from);
  const isWithin =
    next.origin === new URL(from).origin && `${next.username}${next.password}` === '';
  return isWithin ? next.href : undefined;
}

async function read(response: Response): Promise<GitHubReply> {
  const { status, headers, body } = response;
  if (status === 200) return { status, headers, text: await readText(body) };
  await body?.cancel();
  return { status, headers, text: '' };
}

async function readText(body: Response['body']): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limits.github_answer_bytes) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * For how long an answer asks to be left alone, in ms, within our own bounds; undefined when it
 * does not. Times in it are GitHub's, as is its date; `ours`, in ms UTC, stands in for one missing.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function quietAsked(status: number, headers: Headers, ours: number): number | undefined {
  const theirs = Date.parse(headers.get('date') ?? '');
  const now = Number.isNaN(theirs) ? ours : theirs;
  const asked = retryAfter(headers, now) ?? untilReset(headers, now);
  if (asked === undefined) return status === 429 ? limits.github_quiet_ms : undefined;
  return Math.min(Math.max(asked, limits.github_quiet_min_ms), limits.github_quiet_max_ms);
}

function retryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? limits.github_quiet_ms : ms;
}

function untilReset(headers: Headers, now: number): number | undefined {
  if (headers.get('x-ratelimit-remaining') !== '0') return undefined;
  const reset = headers.get('x-ratelimit-reset') ?? '';
  return /^\d+$/.test(reset) ? Number(reset) * 1_000 - now : limits.github_quiet_ms;
}
