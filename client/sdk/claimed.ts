// A claimed job: how it goes is said here, and here is heard that it should stop.
import { limits } from '../../schemas/limits.js';
import type { Result } from '../../schemas/method.js';
import type { CallParams, ClaimedJob } from './api.js';
import { ClientError, RefusalError } from './errors.js';
import type { Link } from './link.js';

/** Renewed so often, a lease survives two renewals that are lost. */
const RENEWALS = 3;
/** Of one unit of a string in UTF-8, and of the mark that stands for a cut character. */
const BYTES_PER_CHAR = 3;

/** Claims; undefined when no job waits for this peer. Of a job named, every refusal is thrown. */
export async function claimJob(
  link: Link,
  which: { job?: string; kind?: string },
): Promise<ClaimedJob | undefined> {
  try {
    const claimed = await link.command('job.claim', which);
    return claimed.row && claimed.attempt ? held(link, claimed) : undefined;
  } catch (error) {
    if (which.job === undefined && isNone(error)) return undefined;
    throw error;
  }
}

/** None there, or another worker was quicker. */
function isNone(error: unknown): boolean {
  return (
    error instanceof RefusalError &&
    (error.refusal === 'job_unknown' || error.refusal === 'job_state')
  );
}

function held(link: Link, claimed: Result<'job.claim'>): ClaimedJob {
  const { row, attempt, handoff } = claimed as Required<Result<'job.claim'>>;
  const { job, lease_s } = row;
  const aborting = new AbortController();
  let timer: ReturnType<typeof setInterval> | undefined;
  const rest = () => clearInterval(timer);
  const heeded = async <R>(answer: Promise<R>): Promise<R> => {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof RefusalError && isLost(error)) {
        rest();
        aborting.abort(error);
      }
      throw error;
    }
  };
  const update: ClaimedJob['update'] = async (news = {}) => {
    const updated = await heeded(link.command('job.update', { job, attempt, ...news }));
    if (updated.cancel) aborting.abort(stopAsked(updated.cancel.reason));
    return updated;
  };
  const end = async (how: Omit<CallParams<'job.finish'>, 'job' | 'attempt'>) => {
    const finished = await heeded(link.command('job.finish', { job, attempt, ...how }));
    rest();
    return finished;
  };
  return {
    row,
    attempt,
    handoff,
    signal: aborting.signal,
    update,
    keepAlive() {
      rest();
      let isUnderWay = false;
      const renew = async () => {
        if (isUnderWay) return;
        isUnderWay = true;
        // What is lost is heard by `signal`; a connection that is away may come back in time.
        await update().catch(error => isClosed(error) && rest());
        isUnderWay = false;
      };
      timer = setInterval(renew, (lease_s * 1_000) / RENEWALS);
      return rest;
    },
    finish: (summary, more) => end({ ...more, outcome: 'completed', summary }),
    fail: (summary, { error, ...more } = {}) =>
      end({
        ...more,
        outcome: 'failed',
        summary: firstBytes(summary, limits.text_bytes),
        error: error === undefined ? undefined : firstBytes(error, limits.job_note_chars),
      }),
  };
}

function isLost({ refusal }: RefusalError): boolean {
  return ['lease_stale', 'job_state', 'job_unknown', 'unauthorized'].includes(refusal);
}

function stopAsked(reason: string): ClientError {
  return new ClientError('job_cancelled', `the job should be stopped: ${reason}`);
}

function isClosed(error: unknown): boolean {
  return error instanceof ClientError && error.code === 'closed';
}

/** The beginning of a text that fits; its end may be lost with a character that was cut. */
function firstBytes(text: string, bytes: number): string {
  if (text.length * BYTES_PER_CHAR <= bytes) return text;
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= bytes) return text;
  return new TextDecoder().decode(encoded.subarray(0, bytes - BYTES_PER_CHAR));
}
