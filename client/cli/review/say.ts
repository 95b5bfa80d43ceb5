// The verbs review touch, request, mark and forget.
import { oneLine } from '../../terminal/safe.js';
import type { CliVerb } from '../cli.js';
import { examples } from '../options.js';
import { orMe } from '../reach/peers.js';
import { commit } from './commit.js';

const URL = 'the address of the pull request';
const LINE_CHARS = 200;

export const touch: CliVerb = (group, act) => {
  group
    .command('touch')
    .description('say that you opened a pull request or pushed to it')
    .argument('<url>', URL)
    .option('--head <commit>', 'its newest commit: digits, or a name that git knows here, as HEAD')
    .option('--title <text>', 'what it is called')
    .addHelpText(
      'after',
      examples('signalbox review touch https://github.com/acme/web/pull/7 --head HEAD'),
    )
    .action(
      act(async (cli, pr_url: string, options: { head?: string; title?: string }) => {
        const head_sha = await commit(cli, options.head);
        const { title } = options;
        const params = { pr_url, ...(head_sha && { head_sha }), ...(title && { title }) };
        const reach = await cli.reach();
        const call = reach.speak('review.touch', params);
        const touched = await cli.terminal.during('saying so', call);
        await cli.terminal.one(touched, () => [`touched ${oneLine(pr_url, LINE_CHARS)}`]);
      }),
    );
};

export const request: CliVerb = (group, act) => {
  group
    .command('request')
    .description('ask a peer to look at a pull request')
    .argument('<url>', URL)
    .argument('<peer>', 'who is to look at it')
    .addHelpText(
      'after',
      examples('signalbox review request https://github.com/acme/web/pull/7 reviewer'),
    )
    .action(
      act(async (cli, pr_url: string, called: string) => {
        const { circle } = cli.options;
        const reach = await cli.reach();
        const of = await orMe(cli, reach, called);
        const call = reach.speak('review.request', { pr_url, of, ...(circle && { circle }) });
        const requested = await cli.terminal.during(`asking ${called}`, call);
        const line = `${called} is to look at ${oneLine(pr_url, LINE_CHARS)}`;
        await cli.terminal.one(requested, () => [line]);
      }),
    );
};

export const mark: CliVerb = (group, act) => {
  group
    .command('mark')
    .description('say that you have reviewed a pull request')
    .argument('<url>', URL)
    .option(
      '--sha <commit>',
      'up to this one: digits, or a name that git knows here (default: the newest known)',
    )
    .addHelpText('after', examples('signalbox review mark https://github.com/acme/web/pull/7'))
    .action(
      act(async (cli, pr_url: string, options: { sha?: string }) => {
        const sha = await commit(cli, options.sha);
        const reach = await cli.reach();
        const call = reach.speak('review.mark', { pr_url, ...(sha && { sha }) });
        const marked = await cli.terminal.during('marking', call);
        await cli.terminal.one(marked, () => [`reviewed ${oneLine(pr_url, LINE_CHARS)}`]);
      }),
    );
};

export const forget: CliVerb = (group, act) => {
  group
    .command('forget')
    .description('take a pull request out of every queue; a later touch begins anew')
    .argument('<url>', URL)
    .addHelpText('after', examples('signalbox review forget https://github.com/acme/web/pull/7'))
    .action(
      act(async (cli, pr_url: string) => {
        const reach = await cli.reach();
        const call = reach.speak('review.forget', { pr_url });
        const forgotten = await cli.terminal.during('forgetting', call);
        await cli.terminal.one(forgotten, () => [`forgot ${oneLine(pr_url, LINE_CHARS)}`]);
      }),
    );
};
