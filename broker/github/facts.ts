// What GitHub says of a pull request, in its API and its webhooks; nothing of it is trusted.
import { limits } from '../../schemas/limits.js';
import { resolveMoment } from '../../schemas/moment.js';
import { readPrUrl } from '../../schemas/pr-url.js';
import { firstChars } from '../../schemas/text-cut.js';

export interface PullObservation {
  /** In its one spelling. */
  pr_url: string;
  state: 'open' | 'merged' | 'closed';
  head_sha: string;
  title: string;
  /** When GitHub last saw it change, in ms UTC: deliveries may overtake each other. */
  updated_at?: number;
  /** GitHub's id of the repository, which outlives its names. */
  repo?: string;
  /** What was done, in a delivery. */
  action?: string;
  /** The head before this one, in the delivery of a push. */
  before?: string;
  /** When GitHub was asked, in ms UTC; absent in a delivery. */
  observed_at?: number;
  /** That it was asked about under a name which its repository had before. */
  moved?: RepoMove;
}

/** An owner or repository that has another address; both the same: a new one of that name. */
export interface RepoMove {
  from: string;
  to: string;
  /** In ms UTC. */
  moved_at?: number;
  repo?: string;
}

const ACTION = /^[a-z_]{1,32}$/;
/** SHA-1, or SHA-256 where a repository uses that. */
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** From a body of the outside world: undefined for what is not JSON. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** From the payload of a `pull_request` event, whatever its action. */
export function readPullEvent(payload: unknown): PullObservation | undefined {
  const { pull_request, repository, action, before } = fieldsOf(payload);
  const seen = readPull(pull_request);
  if (seen === undefined) return undefined;
  const repo = seen.repo ?? idOf(repository);
  return {
    ...seen,
    ...(repo === undefined ? {} : { repo }),
    ...(typeof action === 'string' && ACTION.test(action) ? { action } : {}),
    ...(typeof before === 'string' && SHA.test(before) ? { before } : {}),
  };
}

/** From a pull request as the REST API writes it. */
export function readPull(value: unknown): PullObservation | undefined {
  const pull = fieldsOf(value);
  const { html_url, title } = pull;
  const { sha } = fieldsOf(pull.head);
  const state = stateOf(pull);
  if (typeof html_url !== 'string' || typeof title !== 'string') return undefined;
  if (typeof sha !== 'string' || !SHA.test(sha) || state === undefined) return undefined;
  const url = readPrUrl(html_url);
  if (url?.github === undefined) return undefined;
  const updated_at = momentOf(pull.updated_at);
  const repo = idOf(fieldsOf(pull.base).repo);
  return {
    pr_url: url.url,
    state,
    head_sha: sha,
    title: firstChars(title.toWellFormed(), limits.label_chars),
    ...(updated_at === undefined ? {} : { updated_at }),
    ...(repo === undefined ? {} : { repo }),
  };
}

/** Of two ids GitHub has for one thing, the one that stands in every payload. */
export function idOf(value: unknown): string | undefined {
  const { id } = fieldsOf(value);
  return Number.isSafeInteger(id) ? `${id}` : undefined;
}

function stateOf({ state, merged, merged_at }: Fields): PullObservation['state'] | undefined {
  if (state === 'open') return 'open';
  if (state !== 'closed') return undefined;
  return merged === true || typeof merged_at === 'string' ? 'merged' : 'closed';
}

/** In ms UTC; undefined for anything but an ISO 8601 text in UTC. */
export function momentOf(value: unknown): number | undefined {
  const isMoment = typeof value === 'string' && value.endsWith('Z');
  return isMoment ? resolveMoment(value, 0) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object, none of any other value. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
