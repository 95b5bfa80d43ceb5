// The verb job create: hands over work, to one peer or to whoever takes on its kind.
import type { CallParams } from '../../sdk/api.js';
import { Failure } from '../../terminal/exit.js';
import { shortId } from '../../terminal/short-id.js';
import { localZone } from '../../terminal/when.js';
import type { Cli, CliVerb } from '../cli.js';
import {
  type AttachOptions,
  attached,
  examples,
  moment,
  seconds,
  wholeNumber,
  withAttachments,
} from '../options.js';
import { noteShown } from '../reach/find.js';
import { orMe } from '../reach/peers.js';
import type { Reach } from '../reach/reach.js';
import { readText } from '../text.js';

interface Options extends AttachOptions {
  to?: string;
  kind?: string;
  body?: string;
  file?: string;
  owner?: string;
  due?: string | number;
  deadline?: string | number;
  lease?: number;
  attempts?: number;
  cron?: string;
  zone?: string;
  correlation?: string;
}

export const create: CliVerb = (group, act) => {
  const verb = group
    .command('create')
    .description('hand over work: to one peer, or to whoever takes on its kind')
    .argument('<title...>', 'what is to be done, in a line')
    .option('--to <peer>', 'who is to do it; left out, whoever claims its kind')
    .option('--kind <name>', 'what kind of work it is (default: general)')
    .option('--body <text>', 'the whole brief; - reads stdin')
    .option('-f, --file <file>', 'take the brief from a file, below --body')
    .option('--owner <peer>', 'who is told how it ends, me for yourself (default: you)')
    .option('--due <time>', 'not to be taken on before 2h, tomorrow 9:00, mon 9am …', moment)
    .option('--deadline <time>', 'given up after 2h, 3d, fri 18:00 …', moment)
    .option('--lease <time>', 'a worker silent for so long has lost it (default: 5m)', seconds)
    .option('--attempts <count>', 'how often it is tried (default: 3)', wholeNumber)
    .option('--cron <rule>', 'again and again: minute hour day month weekday, or @daily …')
    .option('--zone <name>', 'the zone of the rule (default: the one of this machine)')
    .option('--correlation <text>', 'what it belongs to elsewhere, as an issue number');
  withAttachments(verb)
    .addHelpText(
      'after',
      examples(
        'signalbox job create "Fix the login" --to api --body - --deadline 2d < brief.md',
        'signalbox job create "Review the parser" --kind review --lease 10m --attempts 5',
        'signalbox job create "Clean up" --to ops --cron "0 9 * * 1-5" --zone Europe/Berlin',
      ),
    )
    .action(act(run));
};

async function run(cli: Cli, title: string[], options: Options): Promise<void> {
  if (options.zone !== undefined && options.cron === undefined) {
    throw new Failure('usage', '--zone is the zone of a --cron', {
      hint: 'a time takes its zone with it: --due "tomorrow 9:00 Europe/Berlin"',
    });
  }
  const words = options.body === undefined ? [] : [options.body];
  const body = await readText({ words, ...options }, cli.world);
  const files = await attached(options, cli.world.directory);
  const reach = await cli.reach();
  const params = {
    title: title.join(' '),
    ...(body !== undefined && { body }),
    ...files,
    ...plainOf(options),
    ...(await peersOf(cli, reach, options)),
  };
  const made = await cli.terminal.during('handing it over', reach.speak('job.create', params));
  await noteShown(cli, reach, [made.job]);
  const whom = options.to ?? `whoever does ${options.kind ?? 'general'} work`;
  await cli.terminal.one(made, () => [`job ${shortId(made.job)} for ${whom}`]);
  cli.terminal.hint(`see how it goes: signalbox job show ${shortId(made.job)}`);
}

type Given = Omit<CallParams<'job.create'>, 'title'>;

function plainOf(options: Options): Given {
  const { kind, due, deadline, lease, attempts, cron, zone, correlation } = options;
  return {
    ...(kind && { kind }),
    ...(due !== undefined && { due_at: due }),
    ...(deadline !== undefined && { deadline_at: deadline }),
    ...(lease !== undefined && { lease_s: Math.ceil(lease) }),
    ...(attempts !== undefined && { attempts_max: attempts }),
    ...(cron !== undefined && { recurrence: { cron, zone: zone ?? localZone() } }),
    ...(correlation && { correlation }),
  };
}

async function peersOf(cli: Cli, reach: Reach, { to, owner }: Options): Promise<Given> {
  const { circle } = cli.options;
  return {
    ...(circle && { circle }),
    ...(to && { to: await orMe(cli, reach, to) }),
    ...(owner && { owner: await orMe(cli, reach, owner) }),
  };
}
