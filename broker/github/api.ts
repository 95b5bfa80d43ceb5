// Asks GitHub for pull requests on demand: few calls, short ones, and never twice in a minute.
import { limits } from '../../schemas/limits.js';
import { readPrUrl } from '../../schemas/pr-url.js';
import { within } from '../system/deadline.js';
import { Semaphore } from '../system/semaphore.js';
import { createCache } from './cache.js';
import { type PullObservation, parseBody, readPull } from './facts.js';
import { createRequests, type RequestParts } from './request.js';
import { type ApiAddress, readApiUrl } from './token.js';

export interface GitHubParts extends RequestParts {
  /** GITHUB_API_URL as it was given; undefined for github.com. */
  apiUrl: string | undefined;
}

export interface GitHub {
  /**
   * What GitHub says of the pull requests at `urls`, as far as it is known or learned within
   * `patience_ms`; what comes later is remembered for the next who asks. Of what is not known, the
   * first `limits.github_ask_calls` are asked for. No observation: other hosts, unreachable,
   * refused. Never rejects.
   */
  ask(urls: readonly string[], patience_ms: number): Promise<PullObservation[]>;
  /** Ends the calls under way, and makes no more. */
  close(): void;
}

/**
 * Asks the API that `GITHUB_API_URL` names; one that may not have the token is never asked, and
 * `onWarning` is told so.
 */
export function createGitHub(parts: GitHubParts): GitHub {
  const { clock } = parts;
  const api = readApiUrl(parts.apiUrl);
  if (api === undefined) {
    parts.onWarning('GITHUB_API_URL is no https URL: GitHub is not asked about reviews.');
    return { ask: async () => [], close() {} };
  }
  const elapsed = () => clock.elapsed();
  const cache = createCache(elapsed);
  const requests = createRequests(parts, api.base);
  const learn = createFlights(async url => {
    const observed_at = clock.now();
    const reply = await requests.get(url, cache.etag(url));
    if (reply === undefined) return;
    if (reply === 'failed') return cache.keep(url);
    if (reply.status === 304) return cache.renew(url, observed_at);
    const seen = reply.status === 200 ? readPull(parseBody(reply.text)) : undefined;
    if (seen === undefined) return cache.keep(url);
    cache.keep(url, { ...askedAs(url, seen), observed_at }, reply.headers.get('etag'));
  }, elapsed);

  async function lookUp(url: string, until: number, found: Map<string, PullObservation>) {
    await learn(url, until);
    const observation = cache.fresh(url)?.observation;
    if (observation) found.set(url, observation);
  }

  return {
    async ask(urls, patience_ms) {
      const found = new Map<string, PullObservation>();
      const unknown: string[] = [];
      for (const url of answerable(urls, api)) {
        const kept = cache.fresh(url);
        if (kept === undefined) unknown.push(url);
        else if (kept.observation) found.set(url, kept.observation);
      }
      const asked = patience_ms > 0 ? unknown.slice(0, limits.github_ask_calls) : [];
      const until = clock.elapsed() + patience_ms;
      const looked = Promise.all(asked.map(url => lookUp(url, until, found)));
      if (asked.length > 0) await within(looked, patience_ms, undefined);
      return [...found.values()];
    },
    close: () => requests.close(),
  };
}

/** Of a renamed repository GitHub speaks under its new name, whichever was asked about. */
function askedAs(url: string, seen: PullObservation): PullObservation {
  if (seen.pr_url === url) return seen;
  const [asked, found] = [readPrUrl(url)?.github, readPrUrl(seen.pr_url)?.github];
  const isMoved = asked && asked.host === found?.host && asked.number === found.number;
  // What answers for another server knows better where it lies than how it is called there.
  const { repo, ...rest } = seen;
  if (!isMoved) return { ...rest, pr_url: url };
  const [from = '', to = ''] = [url, seen.pr_url].map(at => at.slice(0, at.lastIndexOf('/pull/')));
  return { ...seen, moved: { from, to, ...(repo === undefined ? {} : { repo }) } };
}

/** Each pull request once, in its one spelling, as far as this API answers for its host. */
function answerable(urls: readonly string[], { host }: ApiAddress): Set<string> {
  const known = urls.flatMap(text => readPrUrl(text) ?? []);
  const ours = known.filter(({ github }) => github && (host ?? github.host) === github.host);
  return new Set(ours.map(({ url }) => url));
}

interface Flight {
  /** When the last who waits for it gives up, on the clock of `elapsed`. */
  until: number;
  landed: Promise<void>;
}

/**
 * Single flight: `run`, which never rejects, once for all who ask for one key meanwhile, and at
 * most `limits.github_open_calls` times at once. What it returns resolves when the question was
 * asked, or will not be: nobody waits any longer, or too many do.
 * https://pkg.go.dev/golang.org/x/sync/singleflight
 */
function createFlights(run: (key: string) => Promise<void>, elapsed: () => number) {
  const flights = new Map<string, Flight>();
  const places = new Semaphore(limits.github_open_calls);

  async function fly(key: string): Promise<void> {
    await places.enter();
    if (flights.get(key)!.until > elapsed()) await run(key);
    flights.delete(key);
    places.leave();
  }

  return (key: string, until: number): Promise<void> => {
    const known = flights.get(key);
    if (known) {
      known.until = Math.max(known.until, until);
      return known.landed;
    }
    if (places.waiting >= limits.github_waiting_calls) return Promise.resolve();
    const flight: Flight = { until, landed: Promise.resolve() };
    flights.set(key, flight);
    flight.landed = fly(key);
    return flight.landed;
  };
}
