// The verb demo: an orchestrator and three workers play a day's work, live on the running broker.
import { randomBytes } from 'node:crypto';
import type { Cli, Verb } from './cli.js';
import { Failure } from './exit.js';
import { examples } from './options.js';
import { readSecret } from './reach/endpoint.js';

export const demo: Verb = (program, act) => {
  program
    .command('demo')
    .description('watch an orchestrator and three workers use the running broker, in 15 seconds')
    .option('--fast', 'without the pauses for reading')
    .addHelpText('after', examples('signalbox demo', 'signalbox demo --jsonl'))
    .action(act(run));
};

async function run(cli: Cli, { fast = false }: { fast?: boolean }): Promise<void> {
  const { terminal, options } = cli;
  const { site } = await cli.reach();
  const place = {
    url: site.url,
    credential: await tokenOf(site),
    circle: options.circle ?? `demo-${randomBytes(3).toString('hex')}`,
  };
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new Failure('interrupted', 'stopped; the peers have left'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    // Loaded late, as all that only few verbs need.
    const { play } = await import('../demo/play.js');
    const { openStory } = await import('../demo/story.js');
    const story = openStory({ terminal, isFast: fast, signal: interrupt.signal });
    await play(place, story, interrupt.signal);
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

/** Four peers of its own need a token, also in the shell of an agent. */
function tokenOf({ url, tokenFile }: { url: string; tokenFile?: string }): Promise<string> {
  if (tokenFile !== undefined) return readSecret(tokenFile, 'token');
  throw new Failure('unauthorised', `no token for ${url}`, {
    hint: 'give --token-file FILE or set SIGNALBOX_TOKEN_FILE; `signalbox up` names the file',
  });
}
