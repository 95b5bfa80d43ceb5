// The calls of the audit: who may make them, and what stands in their answers.
import { compact } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { unknownField } from '../../core/audit/redaction.js';
import type { Verified } from '../../core/audit/verified.js';
import { parseCursor } from '../../core/cursor.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { doorTime } from '../shared/access.js';

const STEP = limits.commit_positions;

type Place = Parsed<'log.export'>['from'];

/** `mesh.audit`. */
export function auditFacts({ audit }: Door): Result<'mesh.audit'> {
  const { log, sequence, digest, key, checkpoint, verified } = audit.facts();
  return {
    log,
    position: sequence * STEP,
    digest,
    key,
    // One of a broker that had no hash of its state to tell has none here either.
    ...(checkpoint && { checkpoint: compact(checkpoint) }),
    ...(verified && { verified: { ...told(verified, verified.key), time: verified.time } }),
  };
}

/** `log.verify`; `forbidden` for who may not see all circles. */
export async function verifyLog(
  door: Door,
  author: Author,
  { from, to, key }: Parsed<'log.verify'>,
  signal?: AbortSignal,
): Promise<Result<'log.verify'> | Refusal> {
  const forbidden = seesAll(door, author);
  if (forbidden !== undefined) return forbidden;
  const { sequence } = door.audit.facts();
  if (to !== undefined && to < from) return refuse('invalid', 'Parameter `to` is before `from`.');
  if (Math.floor(from / STEP) > sequence) return beyond(sequence);
  const last = to === undefined ? sequence : Math.floor(to / STEP);
  const request = { from: Math.max(1, Math.floor(from / STEP)), to: last };
  const verified = await door.audit.verify(request, key, signal);
  return isRefusal(verified) ? verified : told(verified, key);
}

/** `log.export`, a page; `forbidden` for who may not see all circles. */
export async function exportLog(
  door: Door,
  author: Author,
  { from, to, format, redact, after }: Parsed<'log.export'>,
): Promise<Result<'log.export'> | Refusal> {
  const forbidden = seesAll(door, author);
  if (forbidden !== undefined) return forbidden;
  const answer = await (after === undefined
    ? beginning(door, { from, to, format, redact })
    : door.audit.goOn(after));
  if (isRefusal(answer)) return answer;
  const { done, to: last, ...page } = answer;
  return { ...page, done: done * STEP, to: last * STEP };
}

async function beginning(
  door: Door,
  { from, to, format, redact }: Omit<Parsed<'log.export'>, 'after'>,
) {
  if (format === 'raw' && redact.length > 0) {
    return refuse('invalid', 'The bytes of commits cannot be redacted; use jsonl or cloudevents.');
  }
  const unknown = unknownField(redact);
  if (unknown !== undefined) {
    const what = `No event has a field \`${unknown}\`, so nothing would be taken out.`;
    return refuse('invalid', `${what} \`text\` stands for all that is written freely.`);
  }
  const { sequence } = door.audit.facts();
  const first = await sequenceOf(door, from, 1);
  if (typeof first === 'object') return first;
  const last = await sequenceOf(door, to, sequence);
  if (typeof last === 'object') return last;
  if (first > sequence) return beyond(sequence);
  if (last < first) return refuse('invalid', 'Parameter `to` is before `from`.');
  return door.audit.begin({ format, redact, from: first, to: Math.min(last, sequence) });
}

/** The commit of a place; a cursor as `from` means what comes after it. */
async function sequenceOf(door: Door, place: Place, otherwise: number): Promise<number | Refusal> {
  if (place === undefined) return otherwise;
  // From now on there is nothing yet, which is not the whole log.
  if (place === 'now') return otherwise === 1 ? door.audit.facts().sequence + 1 : otherwise;
  if (place === 'start') return 1;
  if (typeof place === 'number') return Math.max(1, Math.floor(place / STEP));
  if (typeof place === 'object') {
    const moment = resolveMoment(place.time, door.now());
    if (moment === undefined) return refuse('invalid', 'The time is no moment; give ISO 8601.');
    const before = await door.sequenceAt(moment);
    return otherwise === 1 ? before + 1 : Math.max(1, before);
  }
  const cursor = parseCursor(place);
  if (cursor === undefined) return refuse('invalid', 'That is no cursor; give one as it was told.');
  if (cursor.log !== door.info().log) {
    return refuse('cursor_foreign', 'The cursor is of another log; begin from the start.');
  }
  return otherwise === 1 ? cursor.sequence + 1 : Math.max(1, cursor.sequence);
}

function beyond(sequence: number): Refusal {
  return refuse('invalid', `The log ends at position ${sequence * STEP}; begin before that.`);
}

/** The whole history is nobody's whose token is bound to circles. */
function seesAll({ table, now }: Door, author: Author): Refusal | undefined {
  const held = standingOf(table, author, doorTime({ table, now } as Door));
  if (isRefusal(held)) return held;
  if (held.circles.includes('*')) return undefined;
  return refuse('forbidden', 'This needs a token for all circles; yours is bound to some.');
}

function told(verified: Verified, key: string | undefined): Result<'log.verify'> {
  const { ok, from, to, events, first_bad, reason, signed } = verified;
  const reached = key === undefined ? undefined : signed[key];
  return {
    ok,
    from: from * STEP,
    to: to * STEP + STEP - 1,
    checked: events,
    ...(first_bad !== undefined && { first_bad }),
    ...(reason !== undefined && { reason }),
    grade: reached === undefined ? 'self_consistent' : 'signed',
    ...(reached !== undefined && { signed_to: reached * STEP }),
  };
}
