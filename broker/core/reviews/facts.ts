// What may be said of a pull request, and how a row takes a newer head.
import { limits } from '../../../schemas/limits.js';
import { isSameSha, type ReviewState } from '../rows/reviews.js';

const SHA = /^[0-9a-f]{7,64}$/;

export function isPrUrl(pr_url: string): boolean {
  return pr_url.length > 0 && pr_url.length <= limits.pr_url_chars;
}

export function isSha(sha: string | undefined): boolean {
  return sha === undefined || SHA.test(sha);
}

export function isTitle(title: string | undefined): boolean {
  return title === undefined || title.length <= limits.label_chars;
}

/** Takes the newest head, in the longest spelling of it that is known. True when it has moved. */
export function nameHead(row: ReviewState, sha: string): boolean {
  const before = row.head_sha;
  if (before === undefined || !isSameSha(before, sha)) {
    row.head_sha = sha;
    return before !== undefined;
  }
  if (sha.length > before.length) row.head_sha = sha;
  return false;
}
