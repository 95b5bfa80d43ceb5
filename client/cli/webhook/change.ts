// The verbs webhook pause, resume, remove, rotate, entrust and test.
import { Failure } from '../../terminal/exit.js';
import { spaced } from '../../terminal/refusal-text.js';
import { shortId } from '../../terminal/short-id.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples, seconds } from '../options.js';
import { findRef } from '../reach/find.js';
import { chosenSecret, secretIn } from './secret.js';

const WEBHOOK = 'its id as shown, or enough of it';

export const pause: CliVerb = (group, act) => {
  group
    .command('pause')
    .description('deliver nothing until it is resumed')
    .argument('<webhook>', WEBHOOK)
    .addHelpText('after', examples('signalbox webhook pause 3fa2c1'))
    .action(act((cli, typed: string) => change(cli, typed, 'webhook.pause', 'paused')));
};

export const resume: CliVerb = (group, act) => {
  group
    .command('resume')
    .description('go on where it stood, also after it was disabled')
    .argument('<webhook>', WEBHOOK)
    .option('--from-now', 'leave out what came meanwhile')
    .addHelpText('after', examples('signalbox webhook resume 3fa2c1 --from-now'))
    .action(
      act((cli, typed: string, { fromNow: from_now = false }: { fromNow?: boolean }) =>
        change(cli, typed, 'webhook.resume', 'resumed', { from_now }),
      ),
    );
};

export const remove: CliVerb = (group, act) => {
  group
    .command('remove')
    .description('end a webhook, and forget its dead letters')
    .argument('<webhook>', WEBHOOK)
    .addHelpText('after', examples('signalbox webhook remove 3fa2c1'))
    .action(act((cli, typed: string) => change(cli, typed, 'webhook.remove', 'removed')));
};

interface RotateOptions {
  secretFile?: string;
  overlap?: number;
}

export const rotate: CliVerb = (group, act) => {
  group
    .command('rotate')
    .description('sign with a new secret, and for a while with the one before, too')
    .argument('<webhook>', WEBHOOK)
    .option('--secret-file <file>', 'the new secret (default: one is made and shown)')
    .option('--overlap <time>', 'how long both sign, as 90s, 10m, 2h or 3d (default: 1d)', seconds)
    .addHelpText('after', examples('signalbox webhook rotate 3fa2c1 --overlap 2h'))
    .action(
      act(async (cli, typed: string, { secretFile, overlap }: RotateOptions) => {
        const secret = await chosenSecret(cli, secretFile);
        const overlap_s = overlap === undefined ? {} : { overlap_s: Math.ceil(overlap) };
        const reach = await cli.reach();
        const webhook = await findRef(cli, reach, typed, ['webhook']);
        const call = reach.read('webhook.rotate', { webhook, ...secret, ...overlap_s });
        const made = await cli.terminal.during('asking', call);
        await cli.terminal.one(made, () => [
          `rotated ${shortId(webhook)}`,
          ...(made.secret === undefined ? [] : [`secret ${made.secret}`]),
        ]);
      }),
    );
};

export const entrust: CliVerb = (group, act) => {
  group
    .command('entrust')
    .description('give its secret to this broker, too, so that it can deliver')
    .argument('<webhook>', WEBHOOK)
    .requiredOption('--secret-file <file>', 'the secret that it was added or rotated with')
    .addHelpText('after', examples('signalbox webhook entrust 3fa2c1 --secret-file ci.secret'))
    .action(
      act(async (cli, typed: string, { secretFile }: { secretFile: string }) => {
        const secret = await secretIn(cli, secretFile);
        const reach = await cli.reach();
        const webhook = await findRef(cli, reach, typed, ['webhook']);
        const call = reach.read('webhook.entrust', { webhook, secret });
        const held = await cli.terminal.during('asking', call);
        await cli.terminal.one(held, () => [`this broker holds the secret of ${shortId(webhook)}`]);
      }),
    );
};

export const test: CliVerb = (group, act) => {
  group
    .command('test')
    .description('send a made-up event now, and tell what came back')
    .argument('<webhook>', WEBHOOK)
    .addHelpText('after', examples('signalbox webhook test 3fa2c1'))
    .action(
      act(async (cli, typed: string) => {
        const reach = await cli.reach();
        const webhook = await findRef(cli, reach, typed, ['webhook']);
        const call = reach.read('webhook.test', { webhook });
        const trial = await cli.terminal.during('waiting for the receiver', call);
        const { ok, status, reason = '', ms } = trial;
        const what = `${status === undefined ? spaced(reason) : `HTTP ${status}`} after ${ms} ms`;
        await cli.terminal.one(trial, () => [`${ok ? 'delivered' : 'not delivered'}: ${what}`]);
        if (!ok) throw new Failure('failed', `${shortId(webhook)} was not delivered: ${what}`);
      }),
    );
};

type Method = 'webhook.pause' | 'webhook.resume' | 'webhook.remove';

async function change(
  cli: Cli,
  typed: string,
  method: Method,
  done: string,
  more: { from_now?: boolean } = {},
): Promise<void> {
  const reach = await cli.reach();
  const webhook = await findRef(cli, reach, typed, ['webhook']);
  const call = reach.read(method, { webhook, ...more });
  const changed = await cli.terminal.during('asking', call);
  await cli.terminal.one(changed, () => [`${done} ${shortId(webhook)}`]);
}
