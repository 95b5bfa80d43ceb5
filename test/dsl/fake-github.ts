// A GitHub of our own on 127.0.0.1: pull requests over REST, its bad moods, and signed deliveries.
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export const TOKEN = 'ghp_the-token-that-nobody-else-may-see';
export const SHA = '0123456789abcdef0123456789abcdef01234567';
export const NEXT_SHA = 'fedcba9876543210fedcba9876543210fedcba98';

export interface FakePull {
  /** `acme/app`. */
  repo: string;
  number: number;
  state?: 'open' | 'closed';
  merged?: boolean;
  sha?: string;
  title?: string;
  updated_at?: string;
  /** Where people see it; https://github.com unless said. */
  site?: string;
}

/** As GitHub writes it, with a few of the fields that nobody here reads. */
export function restPull(pull: FakePull) {
  const { repo, number, state = 'open', merged = false, sha = SHA } = pull;
  const { title = `Change ${number}`, updated_at = '2026-01-05T09:00:00Z' } = pull;
  return {
    url: `https://api.github.com/repos/${repo}/pulls/${number}`,
    html_url: `${pull.site ?? 'https://github.com'}/${repo}/pull/${number}`,
    number,
    state,
    draft: false,
    merged,
    merged_at: merged ? updated_at : null,
    title,
    body: null,
    updated_at,
    head: { ref: 'topic', sha, repo: { full_name: repo } },
    base: { ref: 'main', sha: SHA },
  };
}

/** What the fake says to everything instead of the truth. */
export interface Mood {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface Seen {
  path: string;
  headers: IncomingHttpHeaders;
}

export interface FakeGitHub {
  /** The base of its API. */
  url: string;
  /** Its host and port. */
  host: string;
  /** Every request so far, in order. */
  seen: readonly Seen[];
  put(pull: FakePull): void;
  mood: Mood | undefined;
  /** Lets requests wait for their answer until what it returns is called. */
  hold(): () => void;
  /** Resolves once so many requests have come. */
  arrived(count: number): Promise<void>;
}

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

export async function fakeGitHub(t: Test): Promise<FakeGitHub> {
  const pulls = new Map<string, object>();
  const seen: Seen[] = [];
  const held: (() => void)[] = [];
  const wakes = new Set<() => void>();
  let isHolding = false;

  const server = createServer((req, res) => {
    seen.push({ path: req.url ?? '', headers: req.headers });
    for (const wake of wakes) wake();
    const say = () => tell(res, github.mood ?? truth(pulls, req.url ?? '', req.headers));
    if (isHolding) held.push(say);
    else say();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  });

  const github: FakeGitHub = {
    url: `http://${host}`,
    host,
    seen,
    put: pull => void pulls.set(`/repos/${pull.repo}/pulls/${pull.number}`, restPull(pull)),
    mood: undefined,
    hold() {
      isHolding = true;
      return () => {
        isHolding = false;
        for (const say of held.splice(0)) say();
      };
    },
    async arrived(count) {
      while (seen.length < count) {
        await new Promise<void>(resolve => {
          const wake = () => {
            wakes.delete(wake);
            resolve();
          };
          wakes.add(wake);
        });
      }
    },
  };
  return github;
}

function truth(
  pulls: ReadonlyMap<string, object>,
  path: string,
  { authorization, ...headers }: IncomingHttpHeaders,
): Mood {
  if (authorization !== `Bearer ${TOKEN}`) return { status: 401, body: '{"message":"Bad"}' };
  const pull = pulls.get(path);
  if (pull === undefined) return { status: 404, body: '{"message":"Not Found"}' };
  const body = JSON.stringify(pull);
  const etag = `W/"${createHash('sha256').update(body).digest('hex')}"`;
  if (headers['if-none-match'] === etag) return { status: 304, headers: { ETag: etag } };
  return { status: 200, headers: { ETag: etag }, body };
}

function tell(res: ServerResponse, { status, headers = {}, body = '' }: Mood): void {
  res.writeHead(status, { ...JSON_TYPE, ...headers });
  res.end(body);
}

export interface Signing {
  secret: string;
  event?: string;
  delivery?: string;
  /** An object, or a text as it stands. */
  payload: unknown;
  /** As application/x-www-form-urlencoded, GitHub's other form. */
  asForm?: boolean;
}

/** The head and body of a delivery as GitHub makes it. */
export function signedDelivery(signing: Signing) {
  const { secret, event = 'pull_request', delivery = randomUUID(), payload } = signing;
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const body = signing.asForm ? `${new URLSearchParams({ payload: text })}` : text;
  const kind = signing.asForm ? 'application/x-www-form-urlencoded' : 'application/json';
  const headers: Record<string, string> = {
    'User-Agent': 'GitHub-Hookshot/044aadd',
    'Content-Type': kind,
    'X-GitHub-Event': event,
    'X-GitHub-Delivery': delivery,
    'X-Hub-Signature-256': signatureOf(body, secret),
  };
  return { method: 'POST', headers, body };
}

export function signatureOf(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
