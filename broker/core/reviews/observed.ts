// What GitHub says of a pull request: believed when it is news, in the order GitHub says it in.

import { hasKnownWords } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Change } from '../change.js';
import { holdsFrom } from '../levels.js';
import type { PullFacts } from '../rows/pull-facts.js';
import { draftOf, isSameSha, type ReviewState } from '../rows/reviews.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection } from '../shared/view.js';
import { isPrUrl, isSha, isTitle, nameHead } from './facts.js';
import { differs, earlyObjection, observedAt, observeEarly, updatedAt } from './observed-early.js';
import { isLikelier, isSettling, isStep, stateAfter } from './pull-states.js';
import { place, placeOf } from './repo-moves.js';

type Observed = Fact<'review.observed'>;

/**
 * `malformed`; `duplicate`, a delivery that took effect before; or `stale`: older than what is
 * known, or nothing new.
 */
export function observedObjection(table: Table, fact: Observed): Objection {
  const { event, time } = fact;
  const { pr_url, head_sha, title, delivery } = event;
  const isFit = isPrUrl(pr_url) && isSha(head_sha) && isTitle(title) && hasKnownWords(event);
  if (!isFit || !isMoment(event.observed_at) || !isMoment(event.updated_at)) return 'malformed';
  if (!isName(delivery) || !isName(event.action) || !isName(event.repo)) return 'malformed';
  if (!isSha(event.before)) return 'malformed';
  if (delivery !== undefined && table.reviews.deliveries.has(delivery)) return 'duplicate';
  return holdsFrom(3, table) ? staleness(table, fact) : earlyObjection(table, { ...fact, time });
}

function staleness(table: Table, { event, time }: Observed): 'stale' | undefined {
  const at = updatedAt(event, time);
  const where = placeOf(table, event, at);
  if (where === 'gone') return 'stale';
  const { reviews } = table;
  const known = knownOf(table, event, where.url);
  if (known === undefined || where.isNews) return undefined;
  if (known.state === 'merged' && event.state !== 'merged') return 'stale';
  if (event.state === 'merged' && known.state !== 'merged') return undefined;
  if (at < known.updated_at) return 'stale';
  const isSame = at === known.updated_at;
  if (isSame && known.second?.isOver) return isStep(event) ? 'stale' : renewal(event, time, known);
  if (isStep(event) && event.state !== 'merged') return undefined;
  // Seen before another step of the same second, so nothing of it is newer.
  if (isSame && event.state !== known.state && !isSettling(event, at)) {
    return isLikelier(event, known) ? undefined : 'stale';
  }
  if (differs(event, known)) return undefined;
  const isCorrection = reviews.of(where.url).some(row => differs(event, row));
  return !isSame && isCorrection ? undefined : renewal(event, time, known);
}

/** That it still holds is news from time to time. */
function renewal(event: Observed['event'], time: number, known: PullFacts): 'stale' | undefined {
  const age = observedAt(event, time) - known.observed_at;
  return age >= limits.review_renew_ms ? undefined : 'stale';
}

/** Takes the facts over; the rows that are different now. */
export function observe(table: Table, fact: Observed, changes: Change[]): ReviewState[] {
  const { event, position, time } = fact;
  const { reviews } = table;
  if (!holdsFrom(3, table)) return observeEarly(table, fact);
  const { delivery, repo, before } = event;
  const at = updatedAt(event, time);
  const where = placeOf(table, event, at);
  if (where === 'gone') return [];
  const { url } = where;
  if (delivery !== undefined) reviews.remember(delivery);
  const known = knownOf(table, event, url);
  place(table, event, at, where, changes);
  const isLate = known !== undefined && at < known.updated_at;
  const { state, second } = stateAfter(event, at, known);
  const said = isLate ? {} : { head_sha: headAfter(event, at, known), title: event.title };
  const { head_sha, title } = said;
  const facts: PullFacts = {
    pr_url: url,
    state,
    head_sha: head_sha ?? known?.head_sha,
    title: title ?? known?.title,
    observed_at: Math.max(observedAt(event, time), known?.observed_at ?? 0),
    updated_at: Math.max(at, known?.updated_at ?? 0),
    state_position: known?.state === state ? known.state_position : position,
    repo: repo ?? known?.repo,
    before: before ?? (known?.updated_at === at ? known.before : undefined),
    second,
  };
  reviews.facts.put(facts);
  const rows = reviews.of(url).map(draftOf);
  for (const row of rows) {
    row.observed_at = facts.observed_at;
    if (row.state !== state) row.state_position = position;
    row.state = state;
    if (title !== undefined) row.title = title;
    if (head_sha !== undefined && nameHead(row, head_sha)) row.pushed_position = position;
  }
  return rows;
}

/** What is known of this very pull request, and not of another that had its address before. */
function knownOf({ reviews }: Table, { repo }: Observed['event'], url: string) {
  const known = reviews.facts.get(url);
  const isOther = repo !== undefined && known?.repo !== undefined && known.repo !== repo;
  return isOther ? undefined : known;
}

/** Of two pushes within one second the first may be told of last. */
function headAfter({ head_sha }: Observed['event'], at: number, known: PullFacts | undefined) {
  if (head_sha === undefined || known?.before === undefined) return head_sha;
  return at === known.updated_at && isSameSha(head_sha, known.before) ? undefined : head_sha;
}

function isMoment(ms: number | undefined): boolean {
  return ms === undefined || (Number.isSafeInteger(ms) && ms >= 0);
}

function isName(text: string | undefined): boolean {
  return text === undefined || text.length <= limits.webhook_delivery_chars;
}
