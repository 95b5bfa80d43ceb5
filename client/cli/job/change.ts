// The verbs job cancel and job retry: what its maker or owner decides about a job.
import { shortId } from '../../terminal/short-id.js';
import type { CliVerb } from '../cli.js';
import { examples, type TextOptions, withText } from '../options.js';
import { findJob } from '../reach/find.js';
import { readText } from '../text.js';
import { isEnded } from './lines.js';

const JOB = 'its number or id as shown';
const NO_REASON = 'no reason given';

export const cancel: CliVerb = (group, act) => {
  withText(
    group
      .command('cancel')
      .description('end a job that waits; ask the worker of another to stop')
      .argument('<job>', JOB),
  )
    .addHelpText('after', examples('signalbox job cancel 3fa2c1 "no longer needed"'))
    .action(
      act(async (cli, typed: string, words: string[], options: TextOptions) => {
        const reason = (await readText({ words, ...options }, cli.world)) ?? NO_REASON;
        const reach = await cli.reach();
        const job = await findJob(cli, reach, typed);
        const call = reach.speak('job.cancel', { job, reason });
        const cancelled = await cli.terminal.during('cancelling', call);
        const { state } = await reach.look('job.get', { job });
        const asked = `asked the worker of ${shortId(job)} to stop`;
        const line = isEnded(state) ? `cancelled ${shortId(job)}` : asked;
        await cli.terminal.one({ ...cancelled, state }, () => [line]);
      }),
    );
};

export const retry: CliVerb = (group, act) => {
  group
    .command('retry')
    .description('queue a failed, cancelled or expired job again')
    .argument('<job>', JOB)
    .addHelpText('after', examples('signalbox job retry 3fa2c1'))
    .action(
      act(async (cli, typed: string) => {
        const reach = await cli.reach();
        const job = await findJob(cli, reach, typed);
        const retried = await cli.terminal.during('queuing', reach.speak('job.retry', { job }));
        await cli.terminal.one(retried, () => [`queued ${shortId(job)} again`]);
      }),
    );
};
