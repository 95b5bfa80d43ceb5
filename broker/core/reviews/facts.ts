// Validation of what is said of a pull request, and how a row takes a newer head.
import { limits } from '../../../schemas/limits.js';
import { isSameSha, type ReviewState } from '../rows/reviews.js';

const SHA = /^[0-9a-f]{7,64}$/;

/** True for 1 to `limits.pr_url_chars` characters. The door asks for more: `schemas/pr-url.ts`. */
export function isPrUrl(pr_url: string): boolean {
  return pr_url.length > 0 && pr_url.length <= limits.pr_url_chars;
}

/** True for 7 to 64 lower-case hex digits, a commit id or the start of one, and for none at all. */
export function isSha(sha: string | undefined): boolean {
  return sha === undefined || SHA.test(sha);
}

/** True for at most `limits.label_chars` characters, and for none at all. */
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
