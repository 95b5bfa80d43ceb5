// What GitHub says of a pull request, read from its API and from its webhooks; nothing is trusted.
import { limits } from '../../schemas/limits.js';
import { resolveMoment } from '../../schemas/moment.js';
import { readPrUrl } from '../../schemas/pr-url.js';
import { firstChars } from '../views/digest.js';

export interface Observation {
  /** In its one spelling. */
  pr_url: string;
  state: 'open' | 'merged' | 'closed';
  head_sha: string;
  title: string;
  /** When GitHub last saw it change, in ms UTC: deliveries may overtake each other. */
  updated_at?: number;
}

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
export function readPullEvent(payload: unknown): Observation | undefined {
  return readPull(fieldsOf(payload).pull_request);
}

/** From a pull request as the REST API writes it. */
export function readPull(value: unknown): Observation | undefined {
  const pull = fieldsOf(value);
  const { html_url, title } = pull;
  const { sha } = fieldsOf(pull.head);
  const state = stateOf(pull);
  if (typeof html_url !== 'string' || typeof title !== 'string') return undefined;
  if (typeof sha !== 'string' || !SHA.test(sha) || state === undefined) return undefined;
  const url = readPrUrl(html_url);
  if (url?.github === undefined) return undefined;
  const updated_at = momentOf(pull.updated_at);
  return {
    pr_url: url.url,
    state,
    head_sha: sha,
    title: firstChars(title.toWellFormed(), limits.label_chars),
    ...(updated_at === undefined ? {} : { updated_at }),
  };
}

function stateOf({ state, merged, merged_at }: Fields): Observation['state'] | undefined {
  if (state === 'open') return 'open';
  if (state !== 'closed') return undefined;
  return merged === true || typeof merged_at === 'string' ? 'merged' : 'closed';
}

function momentOf(value: unknown): number | undefined {
  const isMoment = typeof value === 'string' && value.endsWith('Z');
  return isMoment ? resolveMoment(value, 0) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
