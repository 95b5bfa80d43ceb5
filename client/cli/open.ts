// The verb open: prints a link that lets a browser in once, within 30 seconds.
import type { Verb } from './cli.js';
import { examples } from './options.js';

export const open: Verb = (program, act) => {
  program
    .command('open')
    .description('print a link that opens the dashboard, good once for 30 seconds')
    .addHelpText('after', examples('signalbox open'))
    .action(
      act(async cli => {
        const reach = await cli.reach();
        const call = reach.read('session.offer', {});
        const { code, expires_at } = await cli.terminal.during('asking', call);
        // Browsers keep the fragment to themselves: it reaches no server, log or referrer.
        const url = `${reach.site.url}/#code=${encodeURIComponent(code)}`;
        await cli.terminal.one({ url, expires_at }, () => [url]);
      }),
    );
};
