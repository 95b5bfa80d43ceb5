// A worker: claims the jobs of a kind one after another, does them, and says what came of each.
import { limits } from '../../schemas/limits.js';
import type { ClaimedJob, JobHandler, Worker, WorkOptions } from './api.js';
import { ClientError, RefusalError } from './errors.js';

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
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
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
    await job.fail(outcome.message || outcome.name, { error: outcome.stack ?? outcome.message });
  } else if (typeof outcome === 'string') {
    await job.finish(outcome);
  } else {
    const { summary, ...more } = outcome;
    await job.finish(summary, more);
  }
}

async function outcomeOf(job: ClaimedJob, handler: JobHandler) {
  try {
    return await handler(job);
  } catch (thrown) {
    return asError(thrown);
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
