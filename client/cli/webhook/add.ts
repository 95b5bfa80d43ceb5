// The verb webhook add: who is told of what, and by which secret that is signed.
import { shortId } from '../../terminal/short-id.js';
import type { Cli, CliVerb } from '../cli.js';
import { examples, someItems } from '../options.js';
import { noteShown } from '../reach/find.js';
import { chosenSecret } from './secret.js';

interface Options {
  types?: string[];
  circles?: string[];
  secretFile?: string;
  allowPrivate?: string;
}

export const add: CliVerb = (group, act) => {
  group
    .command('add')
    .description('tell a receiver of events from now on')
    .argument('<url>', 'where to POST them: https, or http to a host of --allow-private')
    .option('--types <types>', 'of these only, as ask.closed, or whole kinds, as job', someItems)
    .option('--circles <list>', 'of these circles only (default: those of the token)', someItems)
    .option('--secret-file <file>', 'sign with the secret in it (default: one is made and shown)')
    .option('--allow-private <host>', 'the host of the URL may lie in a private network')
    .addHelpText(
      'after',
      examples(
        'signalbox webhook add https://ci.example.com/in --types job.finished,ask',
        'signalbox webhook add http://127.0.0.1:9000/in --types ask --allow-private 127.0.0.1',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, url: string, options: Options): Promise<void> {
  const { types: words = [], circles, secretFile, allowPrivate } = options;
  const types = words.filter(word => word.includes('.'));
  const kinds = words.filter(word => !word.includes('.'));
  const given = {
    url,
    ...(circles && { circles }),
    ...(await chosenSecret(cli, secretFile)),
    ...(allowPrivate !== undefined && { allow_private: allowPrivate }),
  };
  const reach = await cli.reach();
  const filter = { ...(types.length > 0 && { types }), ...(kinds.length > 0 && { kinds }) };
  const made = await cli.terminal.during(
    'asking',
    reach.read('webhook.add', { ...given, ...filter }),
  );
  await noteShown(cli, reach, [made.webhook]);
  await cli.terminal.one(made, () => [
    `added ${shortId(made.webhook)}`,
    ...(made.secret === undefined ? [] : [`secret ${made.secret}`]),
  ]);
  if (made.secret !== undefined) cli.terminal.hint('the receiver checks by it; shown this once');
}
