// The verb open: lets a browser in, once, within 30 seconds.
import { limits } from '../../schemas/limits.js';
import type { Result } from '../../schemas/method.js';
import { span } from '../terminal/times.js';
import type { Cli, CliVerb } from './cli.js';
import { examples } from './options.js';
import { openBrowser } from './reach/browser.js';
import type { Reach } from './reach/reach.js';

export const open: CliVerb = (program, act) => {
  program
    .command('open')
    .description('open the dashboard in your browser; its link works once, within 30 s')
    .option('--print', 'only print the link, as it is also done where there is no terminal')
    .addHelpText(
      'after',
      examples('signalbox open', 'signalbox open --as ada', 'signalbox open --print'),
    )
    .action(act(run));
};

/** A page speaks for the person who opens it; for one who has not joined it only reads. */
async function offer(cli: Cli, reach: Reach): Promise<Result<'session.offer'>> {
  const isAsked = cli.options.as !== undefined && !reach.isAgent;
  if (isAsked && (await reach.person())?.profile === undefined) await reach.join({});
  const role = (await reach.person())?.profile?.role;
  // An agent's shell must not open a page that answers in its name.
  const asToken = () => reach.read('session.offer', {});
  return role === 'human' ? reach.own('session.offer', {}).catch(asToken) : asToken();
}

async function run(cli: Cli, { print = false }: { print?: boolean }): Promise<void> {
  const { terminal, world, paths } = cli;
  const reach = await cli.reach();
  const call = offer(cli, reach);
  const { code, expires_at } = await terminal.during('asking', call);
  // Browsers keep the fragment to themselves: it reaches no server, log or referrer.
  const url = `${reach.site.url}/#code=${encodeURIComponent(code)}`;
  const isWatched = terminal.format === 'people' && Boolean(world.stdout.isTTY);
  const { env } = world;
  const screen = () => ({ env, platform: process.platform, directory: paths.state });
  const isOpened = isWatched && !print && (await openBrowser(url, screen()));
  const validity = `works once, for ${span(limits.session_code_ms / 1_000)}`;
  await terminal.one({ url, expires_at }, () => [url]);
  if (!isWatched) return;
  if (isOpened) terminal.say(`opened in your browser; if not, the link above ${validity}`);
  else terminal.say(`open it in a browser; it ${validity}`);
}
