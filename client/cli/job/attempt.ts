// Which attempt at a job this shell speaks of: the one it was told, else its own.
import { InvalidArgumentError, Option } from 'commander';
import { refused } from '../../terminal/exit.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli } from '../cli.js';
import { knownSelf, peerNames } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';

/** The option --attempt. */
export function attemptOption(): Option {
  return new Option(
    '--attempt <number>',
    'the attempt meant (default: the one of yours)',
  ).argParser(text => {
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('Write a number from 1, as claiming it showed.');
  });
}

/** The attempt given, or that of the job when this shell's peer works on it: else a Failure. */
export async function attemptAt(
  cli: Cli,
  reach: Reach,
  job: string,
  given: number | undefined,
): Promise<number> {
  if (given !== undefined) return given;
  const row = await reach.look('job.get', { job });
  if (row.worker !== undefined && row.worker === (await knownSelf(cli, reach))) return row.attempt;
  const short = shortId(job);
  if (row.worker === undefined) {
    const hint = `take it on first: signalbox job claim ${short}`;
    throw refused('job_state', `nobody works on job ${short}: it is ${row.state}`, hint);
  }
  const worker = (await peerNames(reach)).of(row.worker);
  throw refused('not_yours', `job ${short} is worked on by ${worker}, not by you`);
}
