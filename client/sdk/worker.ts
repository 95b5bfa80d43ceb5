// A worker: claims the jobs of a kind one after another, does them, and says what came of each.
import { limits } from '../../schemas/limits.js';
import type { ClaimedJob, JobHandler, Worker, WorkOptions } from './api.js';
import { ClientError, RefusalError } from './errors.js';
import type { JobOutcome } from './options.js';
import { mayRepeat } from './retry.js';

type Claim = () => Promise<ClaimedJob | undefined>;

/** Starts a worker, which goes on until it is stopped or there can be no more work. */
export function startWorker(claim: Claim, handler: JobHandler, options: WorkOptions = {}): Worker {
  const { every_ms = limits.work_look_ms, onError = () => {} } = options;
  const stopping = new AbortController();
  const done = run(claim, handler, { every_ms, onError, signal: stopping.signal });
  // Who never looks at `done` is not to be ended by it.
  done.catch(() => {});
  return {
    done,
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

async function run(
  claim: Claim,
  handler: JobHandler,
  { every_ms, onError, signal }: Required<WorkOptions> & { signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const job = await claimSoon(claim);
    if (job === undefined) await rest(every_ms, signal);
    else await carryOut(job, handler, error => onError(error, job));
  }
}

/** A broker that is away for long is waited for like a job. */
async function claimSoon(claim: Claim): Promise<ClaimedJob | undefined> {
  try {
    return await claim();
  } catch (error) {
    if (error instanceof ClientError && error.code === 'timeout') return undefined;
    if (error instanceof RefusalError && error.retry) return undefined;
    throw error;
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
  });
}

async function carryOut(
  job: ClaimedJob,
  handler: JobHandler,
  onError: (error: Error) => void,
): Promise<void> {
  const stop = job.keepAlive();
  try {
    await finish(job, handler, onError);
  } catch (thrown) {
    if (thrown instanceof ClientError) throw thrown;
    const error = asError(thrown);
    onError(error);
    // What cannot be sent is a failure too; of a job that is another's by now, theirs counts.
    const isOurs = !(job.signal.reason instanceof RefusalError);
    if (isOurs) await job.fail(error.message).catch(onError);
  } finally {
    stop();
  }
}

async function finish(
  job: ClaimedJob,
  handler: JobHandler,
  onError: (error: Error) => void,
): Promise<void> {
  const outcome = await outcomeOf(job, handler);
  if (outcome instanceof Error) {
    onError(outcome);
    const error = outcome.stack ?? outcome.message;
    await untilHeard(id => job.fail(outcome.message || outcome.name, { error, id }));
  } else {
    const { summary, ...more } = typeof outcome === 'string' ? { summary: outcome } : outcome;
    await untilHeard(id => job.finish(summary, { ...more, id }));
  }
}

/** What was done is done: it is said again, as the same command, until a broker has heard it. */
async function untilHeard(say: (id?: string) => Promise<unknown>): Promise<void> {
  for (let id: string | undefined; ; ) {
    try {
      await say(id);
      return;
    } catch (error) {
      if (!mayRepeat(error)) throw error;
      if (error instanceof ClientError) id = error.id ?? id;
    }
  }
}

async function outcomeOf(job: ClaimedJob, handler: JobHandler) {
  try {
    const outcome: unknown = await handler(job);
    if (typeof outcome === 'string') return outcome;
    // The types say so; a program without types may give nothing.
    if (isSummed(outcome)) return outcome;
    return new TypeError('the handler gave no summary; return a text, or an object with `summary`');
  } catch (thrown) {
    return asError(thrown);
  }
}

function isSummed(outcome: unknown): outcome is JobOutcome & { summary: string } {
  return typeof (outcome as { summary?: unknown } | null | undefined)?.summary === 'string';
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
