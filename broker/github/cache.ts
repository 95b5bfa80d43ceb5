// A cache of what GitHub said lately, with its ETags; a bounded number of answers, none included.
import { limits } from '../../schemas/limits.js';
import type { PullObservation } from './facts.js';

export interface Kept {
  /** Undefined: GitHub was asked, and nothing was learned. */
  observation: PullObservation | undefined;
  /** GitHub's name for this answer, so that it need not be sent again. */
  etag: string | undefined;
  /** Until when it need not be asked again. */
  until: number;
}

export interface AnswerCache {
  /** What is known well enough not to ask; undefined when GitHub has to be asked. */
  fresh(url: string): Kept | undefined;
  etag(url: string): string | undefined;
  keep(url: string, observation?: PullObservation, etag?: string | null): void;
  /** What is kept still held at `observed_at`, in ms UTC. */
  renew(url: string, observed_at: number): void;
}

/**
 * At most `limits.github_kept_rows`, each fresh for `limits.github_fresh_ms` by `elapsed`,
 * in monotonic ms. https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests
 */
export function createCache(elapsed: () => number): AnswerCache {
  /** The one learned longest ago stands first. */
  const kept = new Map<string, Kept>();

  function put(url: string, observation: Kept['observation'], etag: Kept['etag']) {
    kept.delete(url);
    kept.set(url, { observation, etag, until: elapsed() + limits.github_fresh_ms });
    const [oldest] = kept.keys();
    if (kept.size > limits.github_kept_rows && oldest !== undefined) kept.delete(oldest);
  }

  return {
    fresh(url) {
      const row = kept.get(url);
      return row && elapsed() < row.until ? row : undefined;
    },
    etag: url => kept.get(url)?.etag,
    keep: (url, observation, etag) => put(url, observation, etag ?? undefined),
    renew(url, observed_at) {
      const { observation, etag } = kept.get(url) ?? {};
      if (observation) put(url, { ...observation, observed_at }, etag);
      else if (kept.has(url)) put(url, undefined, etag);
    },
  };
}
