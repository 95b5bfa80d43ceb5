// The verbs schedule pause, resume and cancel.
import { shortId } from '../../terminal/short-id.js';
import { localZone, whenText } from '../../terminal/when.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { brokerTime } from '../reach/calls.js';
import { findRef } from '../reach/find.js';

const SCHEDULE = 'its id as shown, or enough of it';

export const pause: CliVerb = (group, act) => {
  group
    .command('pause')
    .description('skip its times until it is resumed')
    .argument('<schedule>', SCHEDULE)
    .addHelpText('after', examples('signalbox schedule pause 3fa2c1'))
    .action(act((cli, typed: string) => change(cli, typed, 'schedule.pause', 'paused')));
};

export const resume: CliVerb = (group, act) => {
  group
    .command('resume')
    .description('go on from now; what passed meanwhile is not made up for')
    .argument('<schedule>', SCHEDULE)
    .addHelpText('after', examples('signalbox schedule resume 3fa2c1'))
    .action(act((cli, typed: string) => change(cli, typed, 'schedule.resume', 'resumed')));
};

export const cancel: CliVerb = (group, act) => {
  group
    .command('cancel')
    .description('end a schedule for good')
    .argument('<schedule>', SCHEDULE)
    .addHelpText('after', examples('signalbox schedule cancel 3fa2c1'))
    .action(act((cli, typed: string) => change(cli, typed, 'schedule.cancel', 'cancelled')));
};

type Method = 'schedule.pause' | 'schedule.resume' | 'schedule.cancel';

async function change(cli: Cli, typed: string, method: Method, done: string): Promise<void> {
  const reach = await cli.reach();
  const schedule = await findRef(cli, reach, typed, ['sched']);
  const changed = await cli.terminal.during('asking', reach.speak(method, { schedule }));
  const next_at = 'next_at' in changed ? changed.next_at : undefined;
  const next = next_at === undefined ? '' : `: ${whenText(next_at, brokerTime.now(), localZone())}`;
  await cli.terminal.one(changed, () => [`${done} ${shortId(schedule)}${next}`]);
}
